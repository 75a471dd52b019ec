namespace CobraAD.Methods.Cobra.Bank.Search;

/// <summary>
/// The best rows found so far for one query, as a heap whose top is the worst of them. A larger score is better, then a smaller row;
/// what is not a number counts as infinitely good, so that it shows.
/// </summary>
internal sealed class NearestRows(int capacity)
{
    private readonly (double Score, long Row)[] heap = new (double, long)[capacity];
    private int count;

    /// <summary>Whether anything worse than <see cref="Worst"/> is of no more interest.</summary>
    public bool IsFull => count == heap.Length;

    /// <summary>The score of the worst row kept.</summary>
    public double Worst => heap[0].Score;

    /// <summary>What is kept, in no order.</summary>
    public ReadOnlySpan<(double Score, long Row)> Found => heap.AsSpan(0, count);

    /// <summary>Keeps the row if it is better than the worst kept, or if there is room.</summary>
    public void Offer(double score, long row)
    {
        (double, long) item = (double.IsNaN(score) ? double.PositiveInfinity : score, row);
        if (!IsFull)
        {
            int place = count++;
            for (int parent; place > 0 && IsWorse(item, heap[parent = (place - 1) / 2]); place = parent) heap[place] = heap[parent];
            heap[place] = item;
        }
        else if (IsWorse(heap[0], item))
        {
            int place = 0;
            for (int child; (child = 2 * place + 1) < count; place = child)
            {
                if (child + 1 < count && IsWorse(heap[child + 1], heap[child])) child++;
                if (!IsWorse(heap[child], item)) break;
                heap[place] = heap[child];
            }

            heap[place] = item;
        }
    }

    private static bool IsWorse((double Score, long Row) a, (double Score, long Row) b) => a.Score < b.Score || (a.Score == b.Score && a.Row > b.Row);
}
