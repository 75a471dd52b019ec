using CobraAD.Datasets.Formats;
using CobraAD.Torch;

namespace CobraAD.Datasets.Protocols;

/// <summary>
/// Random choices that depend on nothing but the seed: a draw is the order of the items' hashes (<see cref="RandomStreams.Derive"/>), so it
/// does not change with the library version, the machine or the number of threads.
/// </summary>
internal static class SeededChoice
{
    /// <summary>Chooses <paramref name="count"/> of the items; they keep their order.</summary>
    public static IReadOnlyList<T> Draw<T>(IReadOnlyList<T> items, int count, RandomStreams streams, string purpose) => count >= items.Count
        ? items
        : [.. Enumerable.Range(0, items.Count).OrderBy(i => streams.Derive(purpose, i)).Take(count).Order().Select(i => items[i])];

    /// <summary>Chooses <paramref name="count"/> of the items, evenly over their kinds; they keep their order.</summary>
    public static IReadOnlyList<CatalogItem> DrawEvenly(IReadOnlyList<CatalogItem> items, int count, RandomStreams streams, string purpose)
    {
        if (count >= items.Count) return items;
        IReadOnlyList<CatalogItem>[] kinds = [.. items.GroupBy(item => item.Kind).Select(kind => kind.ToArray())];
        int[] shares = Shares([.. kinds.Select(kind => kind.Count)], count);
        HashSet<CatalogItem> chosen = new(
            kinds.SelectMany((kind, k) => Draw(kind, shares[k], streams, $"{purpose}/{kind[0].Kind}")), ReferenceEqualityComparer.Instance);
        return [.. items.Where(chosen.Contains)];
    }

    /// <summary>
    /// Deals <paramref name="total"/> out evenly: one round after the other gives every group that still has some one more, the first
    /// groups first.
    /// </summary>
    public static int[] Shares(IReadOnlyList<int> available, int total)
    {
        int[] shares = new int[available.Count];
        int left = Math.Min(total, available.Sum());
        while (left > 0)
        {
            for (int i = 0; i < shares.Length && left > 0; i++)
            {
                if (shares[i] == available[i]) continue;
                shares[i]++;
                left--;
            }
        }

        return shares;
    }
}
