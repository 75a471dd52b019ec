using CobraAD.Methods.Common;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Methods.Neighbours;

/// <summary>
/// The features of the training images and an exact search for the nearest. Candidates come from float32 products in chunks, so memory
/// stays bounded; their distances are then computed as Σ (q - b)² in float64, since ‖q‖² + ‖b‖² - 2⟨q, b⟩ cancels where they are close.
/// </summary>
internal sealed class NeighbourBank : IDisposable
{
    /// <summary>Float32 products may swap candidates that differ by rounding; this many more are looked at exactly.</summary>
    internal const int Spare = 8;

    /// <summary>Keeps the slope of a root finite where an image meets its neighbour.</summary>
    internal const double RootFloor = 1e-12;

    /// <summary>Most bytes that one block of distances may take: below what malloc asks the system for, and gets cleared, every time.</summary>
    private const long BlockBytes = 16L << 20;

    /// <summary>Most queries of a block: more would leave so few rows of the bank beside them that choosing the nearest of each costs more than the products.</summary>
    private const long QueryBlock = 1024;

    private readonly Lazy<Tensor> prototypes;

    /// <summary>Takes over the features [N, D].</summary>
    public NeighbourBank(Tensor features)
    {
        Features = features.DetachFromDisposeScope();
        prototypes = new Lazy<Tensor>(SearchPrototypes);
    }

    /// <summary>[N, D]; owned by the bank.</summary>
    public Tensor Features { get; }

    /// <summary>Squared distances to the nearest entries, ascending.</summary>
    /// <param name="queries">[Q, D].</param>
    /// <param name="count">How many; cut at the size of the bank.</param>
    /// <returns>float64 [Q, count], differentiable; the caller disposes it.</returns>
    public Tensor Nearest(Tensor queries, int count)
    {
        using DisposeScope scope = NewDisposeScope();
        int wanted = (int)Math.Min(count, Features.size(0));
        Tensor candidates = Search(queries, Features, wanted + Spare).Rows;
        Tensor squared = (queries.to(ScalarType.Float64).unsqueeze(1) - Entries(candidates)).square().sum([2]);
        return squared.topk(wanted, dim: 1, largest: false).values.MoveToOuterDisposeScope();
    }

    /// <summary>Squared distances to ten entries that lie far from each other, for attacks that want directions: float64 [Q, ≤ 10]; the caller disposes it.</summary>
    public Tensor ToPrototypes(Tensor queries)
    {
        using DisposeScope scope = NewDisposeScope();
        return (queries.to(ScalarType.Float64).unsqueeze(1) - prototypes.Value.unsqueeze(0)).square().sum([2]).MoveToOuterDisposeScope();
    }

    /// <summary>The nearest entries of each query, nearest first, no two of them alike as long as there are others near: int64 [Q, count]; the caller disposes it.</summary>
    public Tensor NearestDistinct(Tensor queries, int count)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor rows = Search(queries, Features, DistinctItems.Candidates(count)).Rows;
        return DistinctItems.First(rows, Entries(rows), count).MoveToOuterDisposeScope();
    }

    /// <summary>Squared distances of each query to entries of its own.</summary>
    /// <param name="queries">[Q, D].</param>
    /// <param name="rows">int64 [Q, k].</param>
    /// <returns>float64 [Q, k], differentiable; the caller disposes it.</returns>
    public Tensor Distances(Tensor queries, Tensor rows)
    {
        using DisposeScope scope = NewDisposeScope();
        return (queries.to(ScalarType.Float64).unsqueeze(1) - Entries(rows)).square().sum([2]).MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        if (prototypes.IsValueCreated) prototypes.Value.Dispose();
        Features.Dispose();
    }

    private Tensor Entries(Tensor rows) => Features.index_select(0, rows.flatten()).view(rows.size(0), rows.size(1), -1).to(ScalarType.Float64);

    private Tensor SearchPrototypes()
    {
        using DisposeScope scope = NewDisposeScope();
        return Features.index_select(0, Spread(Math.Min(10, Features.size(0)))).to(ScalarType.Float64).DetachFromDisposeScope();
    }

    /// <summary>
    /// Rows of a bank among which the nearest of each query are, up to rounding, int64 [Q, min(count, N)], and ‖b‖² - 2⟨q, b⟩ of each, ascending.
    /// The caller disposes both.
    /// </summary>
    internal static (Tensor Rows, Tensor Offsets) Search(Tensor queries, Tensor bank, int count)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        Tensor fixedQueries = queries.detach().to(bank.dtype);
        int wanted = (int)Math.Min(count, bank.size(0));
        long rows = Math.Clamp(BlockBytes / (bank.ElementSize * Math.Clamp(queries.size(0), 1, QueryBlock)), wanted, bank.size(0));
        Tensor lengths = cat([.. Blocks(bank.size(0), rows).Select(block => bank.narrow(0, block.Start, block.Length).square().sum([1]))]);
        (Tensor Rows, Tensor Offsets)[] found =
            [.. Blocks(queries.size(0), QueryBlock).Select(block => SearchBlock(fixedQueries.narrow(0, block.Start, block.Length), bank, lengths, wanted, rows))];
        return (cat([.. found.Select(part => part.Rows)]).MoveToOuterDisposeScope(), cat([.. found.Select(part => part.Offsets)]).MoveToOuterDisposeScope());
    }

    /// <summary>The search for a block of queries, by blocks of some rows of the bank.</summary>
    private static (Tensor Rows, Tensor Offsets) SearchBlock(Tensor queries, Tensor bank, Tensor lengths, int wanted, long rows)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor? values = null;
        Tensor? indices = null;
        foreach ((long start, long length) in Blocks(bank.size(0), rows))
        {
            using DisposeScope block = NewDisposeScope();
            // ‖b‖² - 2⟨q, b⟩ orders the entries of one query as the distance does.
            Tensor distance = addmm(lengths.narrow(0, start, length).unsqueeze(0), queries, bank.narrow(0, start, length).t(), beta: 1, alpha: -2);
            (Tensor best, Tensor position) = distance.topk((int)Math.Min(wanted, length), dim: 1, largest: false);
            position = position + start;
            if (values is not null)
            {
                Tensor merged = cat([values, best], 1);
                (best, Tensor order) = merged.topk((int)Math.Min(wanted, merged.size(1)), dim: 1, largest: false);
                position = cat([indices!, position], 1).gather(1, order);
            }

            values = best.MoveToOuterDisposeScope();
            indices = position.MoveToOuterDisposeScope();
        }

        return (indices!.MoveToOuterDisposeScope(), values!.MoveToOuterDisposeScope());
    }

    /// <summary>One block at least: no queries have no neighbours, which is an answer too.</summary>
    private static IEnumerable<(long Start, long Length)> Blocks(long count, long size)
    {
        for (long start = 0; start == 0 || start < count; start += size) yield return (start, Math.Min(size, count - start));
    }

    /// <summary>Greedily, each the one farthest from those before it.</summary>
    private Tensor Spread(long count)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        List<Tensor> chosen = [zeros(1, dtype: ScalarType.Int64, device: Features.device)];
        Tensor nearest = DistanceTo(chosen[0]);
        while (chosen.Count < count)
        {
            chosen.Add(nearest.argmax().unsqueeze(0));
            nearest = minimum(nearest, DistanceTo(chosen[^1]));
        }

        return cat(chosen).MoveToOuterDisposeScope();

        Tensor DistanceTo(Tensor row) => (Features - Features.index_select(0, row)).square().sum([1]);
    }
}
