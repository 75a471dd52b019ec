using CobraAD.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Methods.Cobra.Bank;

/// <summary>
/// What scores that ask the whole bank need of it: directions, not entries. A very large bank is thinned, since a mean over 65,536 entries
/// is as good as one over ten million. Owned by the bank.
/// </summary>
internal sealed class BankSummary : IDisposable
{
    /// <summary>Most entries that a sum goes over.</summary>
    public const long MostEntries = 65_536;

    private const int MostRounds = 50;

    // Below this, cosines differ by little more than the rounding of the float32 entries.
    private const double SmallestSpread = 1e-9;

    private readonly Lock gate = new();
    private readonly Dictionary<int, Tensor> centers = [];
    private readonly Dictionary<double, Tensor> central = [];
    private readonly Lazy<double> spread;

    /// <param name="embeddings">The bank's entries, un-normalised, [N, D].</param>
    public BankSummary(Tensor embeddings)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        long stride = (embeddings.size(0) + MostEntries - 1) / MostEntries;
        Entries = embeddings.slice(0, 0, embeddings.size(0), stride).DetachFromDisposeScope();
        Directions = UnitLength.Of(Entries.to(ScalarType.Float64)).DetachFromDisposeScope();
        spread = new Lazy<double>(MedianDistance);
    }

    /// <summary>The entries that count, un-normalised: all of them, or every so many of a large bank; [n, D].</summary>
    public Tensor Entries { get; }

    /// <summary>Their directions, float64 [n, D].</summary>
    public Tensor Directions { get; }

    /// <summary>How far the entries lie from their mean direction: the median of 1 - cos(b, mean), at least 1e-9.</summary>
    public double Spread => spread.Value;

    /// <summary>
    /// Directions in the middle of the bank's groups: its mean direction, or those that spherical k-means finds (Dhillon and Modha 2001),
    /// begun with entries that lie far from each other, so that nothing is drawn.
    /// </summary>
    /// <param name="count">How many; cut at the number of entries.</param>
    /// <returns>Unit vectors, float64 [count, D]; owned by the bank.</returns>
    public Tensor Centers(int count) => Once(centers, count, () =>
    {
        // The first is the one nearest to the mean.
        Tensor first = Directions.index_select(0, Directions.mv(Directions.mean([0L])).argmax().unsqueeze(0));
        Tensor found = FarApart(Directions, first, count);
        Tensor? belongs = null;
        for (int round = 0; round < MostRounds; round++)
        {
            Tensor nearest = Directions.mm(found.t()).argmax(1);
            if (belongs is not null && !nearest.ne(belongs).any().item<bool>()) break;
            belongs = nearest;
            Tensor members = nn.functional.one_hot(nearest, found.size(0)).to(ScalarType.Float64);
            // A group that all have left, as where directions repeat, keeps its center.
            found = where(members.any(0).unsqueeze(1), UnitLength.Of(members.t().mm(Directions)), found);
        }

        return found;
    });

    /// <summary>The directions without the share that lies farthest from their mean.</summary>
    /// <param name="trimmed">The share left out, from 0 to below 1.</param>
    /// <returns>Unit vectors, float64 [at least 1, D]; owned by the bank.</returns>
    public Tensor Central(double trimmed) => Once(central, trimmed, () =>
    {
        int kept = Math.Max(1, (int)Math.Ceiling(Directions.size(0) * (1 - trimmed)));
        Tensor closeness = Directions.mv(Centers(1).select(0, 0));
        return Directions.index_select(0, closeness.topk(kept).indexes.sort().Values);
    });

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor made in centers.Values.Concat(central.Values)) made.Dispose();
        Directions.Dispose();
        Entries.Dispose();
    }

    private double MedianDistance()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        return Math.Max(SmallestSpread, 1 - Directions.mv(Centers(1).select(0, 0)).median().item<double>());
    }

    /// <summary>Directions that lie far from each other: greedily, each the one farthest from those before it.</summary>
    /// <param name="directions">Unit vectors [n, D].</param>
    /// <param name="first">The one to begin with, [1, D].</param>
    /// <param name="count">How many; cut at n.</param>
    /// <returns>[count, D], in the caller's scope.</returns>
    internal static Tensor FarApart(Tensor directions, Tensor first, int count)
    {
        List<Tensor> chosen = [first];
        Tensor nearest = directions.mm(first.t()).squeeze(1);
        while (chosen.Count < Math.Min(count, directions.size(0)))
        {
            chosen.Add(directions.index_select(0, nearest.argmin().unsqueeze(0)));
            nearest = maximum(nearest, directions.mm(chosen[^1].t()).squeeze(1));
        }

        return cat(chosen, 0);
    }

    private Tensor Once<TKey>(Dictionary<TKey, Tensor> made, TKey key, Func<Tensor> make)
        where TKey : notnull
    {
        lock (gate)
        {
            if (made.TryGetValue(key, out Tensor? known)) return known;
            using DisposeScope scope = NewDisposeScope();
            using IDisposable frozen = no_grad();
            return made[key] = make().DetachFromDisposeScope();
        }
    }
}
