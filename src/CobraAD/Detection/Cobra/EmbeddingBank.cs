using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Detection.Cobra;

/// <summary>
/// The embeddings of the normal training images, and an exact search among them. Candidates are found by float32 products in
/// chunks, so memory stays bounded; their similarities are then computed again in float64, because float32 cosines near 1 tie and
/// lose their gradient's direction.
/// </summary>
public sealed class EmbeddingBank : IDisposable
{
    /// <summary>Guards the norm of an all-zero embedding: ẑ = z / (‖z‖ + 1e-8) (spec 4.19).</summary>
    internal const double NormFloor = 1e-8;

    /// <summary>Float32 products may swap candidates that differ by rounding; this many more are looked at exactly.</summary>
    internal const int Spare = 8;

    private readonly Tensor unit;

    /// <summary>Builds a bank.</summary>
    /// <param name="embeddings">float32 or float64 [N, D] on any device, un-normalised; the bank takes it over and disposes it.</param>
    /// <param name="memoryLimit">Most bytes that one block of similarities may take; 256 MiB by default.</param>
    /// <exception cref="ArgumentException">The tensor is not a non-empty matrix of real numbers.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The memory limit is below 1 MiB.</exception>
    public EmbeddingBank(Tensor embeddings, long memoryLimit = 256L << 20)
    {
        ArgumentNullException.ThrowIfNull(embeddings);
        if (embeddings.dim() != 2 || embeddings.size(0) == 0 || !embeddings.is_floating_point())
            throw new ArgumentException($"Expected a non-empty matrix [N, D] of real numbers, found {embeddings.dtype} [{string.Join(", ", embeddings.shape)}].", nameof(embeddings));
        ArgumentOutOfRangeException.ThrowIfLessThan(memoryLimit, 1L << 20);

        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        Embeddings = embeddings.DetachFromDisposeScope();
        unit = Normalize(Embeddings).DetachFromDisposeScope();
        MemoryLimit = memoryLimit;
    }

    /// <summary>The un-normalised embeddings [N, D]; owned by the bank.</summary>
    public Tensor Embeddings { get; }

    /// <summary>Number of entries N.</summary>
    public long Count => Embeddings.size(0);

    /// <summary>Width of an embedding D.</summary>
    public long Dimension => Embeddings.size(1);

    /// <summary>Most bytes that one block of similarities may take.</summary>
    public long MemoryLimit { get; }

    /// <summary>The most similar entries of each query by cosine; exact and differentiable. The caller disposes the result.</summary>
    /// <param name="embeddings">[Q, D], un-normalised, on the bank's device.</param>
    /// <param name="count">How many entries; cut at the size of the bank.</param>
    public BankMatches MostSimilar(Tensor embeddings, int count)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor query = Normalize(embeddings.to(ScalarType.Float64));
        Tensor candidates = Candidates(query, unit, count);
        return Best(query, Normalize(Entries(candidates)), candidates, count);
    }

    /// <summary>The entries with the largest inner product ⟨z, b⟩; exact and differentiable. The caller disposes the result.</summary>
    /// <param name="embeddings">[Q, D], un-normalised, on the bank's device.</param>
    /// <param name="count">How many entries; cut at the size of the bank.</param>
    public BankMatches LargestInnerProduct(Tensor embeddings, int count)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor candidates = Candidates(embeddings, Embeddings, count);
        return Best(embeddings.to(ScalarType.Float64), Entries(candidates), candidates, count);
    }

    /// <summary>Entries that lie far from each other: greedily, each the one farthest from those before it. The caller disposes the result.</summary>
    /// <param name="count">How many; cut at the size of the bank.</param>
    /// <returns>Unit vectors, float64 [count, D].</returns>
    internal Tensor Prototypes(int count)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        List<Tensor> chosen = [unit.narrow(0, 0, 1)];
        Tensor nearest = unit.mm(chosen[0].t()).squeeze(1);
        while (chosen.Count < Math.Min(count, Count))
        {
            Tensor next = unit.index_select(0, nearest.argmin().unsqueeze(0));
            nearest = maximum(nearest, unit.mm(next.t()).squeeze(1));
            chosen.Add(next);
        }

        return Normalize(cat(chosen, 0).to(ScalarType.Float64)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Embeddings.Dispose();
        unit.Dispose();
    }

    /// <summary>ẑ = z / (‖z‖ + 1e-8) over the last dimension.</summary>
    internal static Tensor Normalize(Tensor embeddings) => embeddings / (embeddings.norm(-1, keepdim: true, p: 2f) + NormFloor);

    private static BankMatches Best(Tensor queries, Tensor entries, Tensor candidates, int count)
    {
        Tensor similarity = entries.bmm(queries.unsqueeze(2)).squeeze(2);
        (Tensor values, Tensor order) = similarity.topk((int)Math.Min(count, similarity.size(1)), dim: 1);
        return new BankMatches(values.MoveToOuterDisposeScope(), candidates.gather(1, order).MoveToOuterDisposeScope());
    }

    /// <summary>The candidates' embeddings in float64: [Q, k, D].</summary>
    private Tensor Entries(Tensor candidates) =>
        Embeddings.index_select(0, candidates.flatten()).view(candidates.size(0), candidates.size(1), Dimension).to(ScalarType.Float64);

    /// <summary>Rows of the bank among which the <paramref name="count"/> best of each query surely are: int64 [Q, count + spare].</summary>
    private Tensor Candidates(Tensor queries, Tensor bank, int count)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        Tensor fixedQueries = queries.detach().to(bank.dtype);
        int wanted = (int)Math.Min((long)count + Spare, Count);
        long rows = Math.Clamp(MemoryLimit / (bank.ElementSize * Math.Max(1, queries.size(0))), wanted, Count);
        Tensor? values = null;
        Tensor? indices = null;
        for (long start = 0; start < Count; start += rows)
        {
            using DisposeScope block = NewDisposeScope();
            Tensor chunk = bank.narrow(0, start, Math.Min(rows, Count - start));
            Tensor products = fixedQueries.mm(chunk.t());
            (Tensor top, Tensor position) = products.topk((int)Math.Min(wanted, chunk.size(0)), dim: 1);
            position = position + start;
            if (values is not null)
            {
                Tensor merged = cat([values, top], 1);
                (top, Tensor order) = merged.topk((int)Math.Min(wanted, merged.size(1)), dim: 1);
                position = cat([indices!, position], 1).gather(1, order);
            }

            values = top.MoveToOuterDisposeScope();
            indices = position.MoveToOuterDisposeScope();
        }

        return indices!.MoveToOuterDisposeScope();
    }
}
