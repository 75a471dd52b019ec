using System.Numerics;
using System.Runtime.Intrinsics;

namespace CobraAD.Methods.Cobra.Bank.Search;

/// <summary>
/// Exact search for the k best rows of a bank, in one pass over it. Products in float32 only decide what is looked at: with e their
/// largest possible error, a row whose product is not above (k-th best so far) - e cannot belong to the k best. All others are
/// computed in float64. The result is that of float64 throughout, whatever the width of the registers and the number of threads;
/// of equal rows the first counts.
/// </summary>
internal static unsafe class BankSearch
{
    /// <summary>Bytes of rows that are taken together: they stay in the first cache while several groups of queries pass.</summary>
    private const int BlockBytes = 16 << 10;

    /// <summary>Numbers below which another thread costs more than it brings.</summary>
    private const long NumbersOfPart = 1 << 18;

    /// <summary>Up to this many queries pass one by one: reading memory takes longer than their products.</summary>
    private const int Few = 2;

    /// <summary>The rows with the largest cosines ⟨ẑ, b̂⟩.</summary>
    /// <param name="rows">The bank.</param>
    /// <param name="queries">[Q, D], of length 1 at most.</param>
    /// <param name="count">Number of queries Q.</param>
    /// <param name="wanted">How many rows of each query; at most the size of the bank.</param>
    /// <param name="threads">Most threads to use.</param>
    /// <returns>[Q, wanted], best first.</returns>
    public static long[] MostSimilar(BankRows rows, double* queries, int count, int wanted, int threads)
    {
        double[] errors = new double[count];
        Array.Fill(errors, rows.CosineError);
        return Search(new Question(rows, queries, errors, wanted, cosine: true), threads);
    }

    /// <summary>The rows with the largest inner products ⟨z, b⟩.</summary>
    /// <inheritdoc cref="MostSimilar"/>
    public static long[] LargestInnerProduct(BankRows rows, double* queries, int count, int wanted, int threads)
    {
        double[] errors = new double[count];
        for (int q = 0; q < count; q++) errors[q] = rows.ProductError(Math.Sqrt(SumOfSquares(queries + (long)q * rows.Dimension, rows.Dimension)));
        return Search(new Question(rows, queries, errors, wanted, cosine: false), threads);
    }

    /// <summary>Into how many parts a bank is divided.</summary>
    internal static int Parts(long count, int dimension, int threads) => (int)Math.Max(1, Math.Min(Math.Min(count, threads), count * dimension / NumbersOfPart));

    /// <summary>The search on registers of a given width, for tests; <see cref="Search"/> takes the widest.</summary>
    internal static long[] Search<TVector, TLanes>(Question question, int threads)
        where TVector : struct
        where TLanes : ILanes<TVector>
    {
        int queries = question.Errors.Length, parts = Parts(question.Rows.Count, question.Rows.Dimension, threads);
        NearestRows[][] found = new NearestRows[parts][];
        QueryGroup[] groups = [.. Group(question, TLanes.Count)];
        Parallel.For(0, parts, new ParallelOptions { MaxDegreeOfParallelism = parts }, part =>
            found[part] = Scan<TVector, TLanes>(question, groups, question.Rows.Count * part / parts, question.Rows.Count * (part + 1) / parts));

        long[] result = new long[(long)queries * question.Wanted];
        List<(double Score, long Row)> all = [];
        for (int q = 0; q < queries; q++)
        {
            all.Clear();
            foreach (NearestRows[] part in found) all.AddRange(part[q].Found);
            all.Sort((a, b) => a.Score != b.Score ? b.Score.CompareTo(a.Score) : a.Row.CompareTo(b.Row));
            for (int i = 0; i < question.Wanted; i++) result[(long)q * question.Wanted + i] = all[i].Row;
        }

        return result;
    }

    private static long[] Search(Question question, int threads) =>
        Vector512.IsHardwareAccelerated ? Search<Vector512<float>, Lanes512>(question, threads)
        : Vector256.IsHardwareAccelerated ? Search<Vector256<float>, Lanes256>(question, threads)
        : Search<Vector128<float>, Lanes128>(question, threads);

    private static IEnumerable<QueryGroup> Group(Question question, int lanes)
    {
        for (int first = 0; first < question.Errors.Length;)
        {
            int size = Math.Min(lanes, question.Errors.Length - first);
            if (size <= Few) size = 1;
            yield return new QueryGroup(first, size, Pack(question, first, size, size == 1 ? 1 : lanes));
            first += size;
        }
    }

    /// <summary>[D, lanes] in float32; lanes without a query are zero.</summary>
    private static float[] Pack(Question question, int first, int size, int lanes)
    {
        int dimension = question.Rows.Dimension;
        float[] packed = new float[(long)dimension * lanes];
        for (int q = 0; q < size; q++)
        {
            for (int d = 0; d < dimension; d++) packed[d * lanes + q] = (float)question.Queries[(long)(first + q) * dimension + d];
        }

        return packed;
    }

    private static NearestRows[] Scan<TVector, TLanes>(Question question, QueryGroup[] groups, long start, long end)
        where TVector : struct
        where TLanes : ILanes<TVector>
    {
        BankRows rows = question.Rows;
        int dimension = rows.Dimension, lanes = TLanes.Count;
        int block = Math.Clamp(BlockBytes / sizeof(float) / dimension / 8 * 8, 8, 256);
        bool compact = question.Cosine && rows.Compact is not null, severalTogether = groups.Any(group => group.Size > 1);
        NearestRows[] best = new NearestRows[question.Errors.Length];
        for (int q = 0; q < best.Length; q++) best[q] = new NearestRows((int)Math.Min(question.Wanted, end - start));
        float[] ones = new float[block];
        Array.Fill(ones, 1);
        // What is not above its limit is of no interest; not a number while everything is. Lanes without a query are never above theirs.
        float[] allLimits = new float[groups.Length * lanes];
        for (int g = 0; g < groups.Length; g++)
        {
            for (int q = 0; q < lanes; q++) allLimits[g * lanes + q] = q < groups[g].Size ? float.NaN : float.PositiveInfinity;
        }

        fixed (float* wide = new float[compact && severalTogether ? (long)block * dimension : 1], products = new float[block * lanes], limits = allLimits, one = ones)
        {
            for (long row = start; row < end; row += block)
            {
                int count = (int)Math.Min(block, end - row);
                float* values = compact ? wide : rows.Entries + row * dimension;
                short* whole = rows.Compact + row * dimension;
                if (compact && severalTogether) RowProducts<TVector, TLanes>.Widen(whole, (long)count * dimension, wide);
                // What several queries need next: the eight rows after the first ones, or the block that is widened after this one.
                byte* ahead = compact ? (byte*)(whole + (long)count * dimension) : (byte*)(values + 8 * dimension);
                float* factors = question.Cosine ? rows.Factors + row : one;
                for (int g = 0; g < groups.Length; g++)
                {
                    QueryGroup group = groups[g];
                    Span<NearestRows> theirs = best.AsSpan(group.First, group.Size);
                    fixed (float* queries = group.Packed)
                    {
                        if (group.Size == 1)
                        {
                            if (compact) RowProducts<TVector, TLanes>.One(whole, count, dimension, queries, products);
                            else RowProducts<TVector, TLanes>.One(values, count, dimension, queries, products);
                            SelectOne<TVector, TLanes>(question, group.First, theirs[0], row, count, products, factors, limits + g * lanes);
                        }
                        else
                        {
                            RowProducts<TVector, TLanes>.Many(values, count, dimension, queries, products, ahead, compact ? sizeof(short) : sizeof(float));
                            SelectMany<TVector, TLanes>(question, group.First, theirs, row, count, products, factors, limits + g * lanes);
                        }
                    }
                }
            }
        }

        return best;
    }

    private static void SelectOne<TVector, TLanes>(Question question, int query, NearestRows best, long row, int count, float* products, float* factors, float* limit)
        where TVector : struct
        where TLanes : ILanes<TVector>
    {
        int i = 0;
        for (; i + TLanes.Count <= count; i += TLanes.Count)
        {
            TVector scores = TLanes.Multiply(TLanes.Load(products + i), TLanes.Load(factors + i));
            for (uint above = TLanes.NotAtMost(scores, TLanes.Broadcast(*limit)); above != 0; above &= above - 1)
                *limit = Look(question, query, best, row + i + BitOperations.TrailingZeroCount(above));
        }

        for (; i < count; i++)
        {
            if (!(products[i] * factors[i] <= *limit)) *limit = Look(question, query, best, row + i);
        }
    }

    private static void SelectMany<TVector, TLanes>(Question question, int first, Span<NearestRows> best, long row, int count, float* products, float* factors, float* limits)
        where TVector : struct
        where TLanes : ILanes<TVector>
    {
        for (int i = 0; i < count; i++, products += TLanes.Count)
        {
            TVector scores = TLanes.Multiply(TLanes.Load(products), TLanes.Broadcast(factors[i]));
            for (uint above = TLanes.NotAtMost(scores, TLanes.Load(limits)); above != 0; above &= above - 1)
            {
                int lane = BitOperations.TrailingZeroCount(above);
                // A row or query that is not a number is above every limit, even in a lane without a query.
                if (lane < best.Length) limits[lane] = Look(question, first + lane, best[lane], row + i);
            }
        }
    }

    /// <summary>Computes a row in float64 and keeps it if it belongs to the best.</summary>
    /// <returns>The query's limit from now on.</returns>
    private static float Look(Question question, int query, NearestRows best, long row)
    {
        double* z = question.Queries + (long)query * question.Rows.Dimension;
        // Nothing is better than infinitely good, and of equal rows the first counts.
        if (!best.IsFull || !double.IsPositiveInfinity(best.Worst)) best.Offer(question.Cosine ? question.Rows.Cosine(z, row) : question.Rows.Product(z, row), row);
        return best.IsFull ? Limit(best.Worst - question.Errors[query]) : float.NaN;
    }

    /// <summary>The largest float32 that is not above the value; not a number when the value says nothing.</summary>
    private static float Limit(double value)
    {
        if (double.IsNaN(value) || double.IsNegativeInfinity(value)) return float.NaN;
        float nearest = (float)value;
        return nearest > value ? MathF.BitDecrement(nearest) : nearest;
    }

    private static double SumOfSquares(double* numbers, int count)
    {
        double sum = 0;
        for (int i = 0; i < count; i++) sum += numbers[i] * numbers[i];
        return sum;
    }

    /// <summary>What is searched.</summary>
    /// <param name="rows">The bank.</param>
    /// <param name="queries">[Q, D].</param>
    /// <param name="errors">The largest error of a product in float32, for each query.</param>
    /// <param name="wanted">How many rows of each query.</param>
    /// <param name="cosine">Whether directions are compared, or inner products.</param>
    internal readonly struct Question(BankRows rows, double* queries, double[] errors, int wanted, bool cosine)
    {
        public BankRows Rows { get; } = rows;

        public double* Queries { get; } = queries;

        public double[] Errors { get; } = errors;

        public int Wanted { get; } = wanted;

        public bool Cosine { get; } = cosine;
    }

    /// <summary>Queries that pass together: one, or as many as a register has lanes.</summary>
    private readonly record struct QueryGroup(int First, int Size, float[] Packed);
}
