using CobraAD.Datasets;
using CobraAD.Losses;
using CobraAD.Methods.Cobra.Bank.Search;
using CobraAD.Methods.Common;
using CobraAD.Networks;
using CobraAD.Serialization;
using CobraAD.Serialization.Tensors;
using CobraAD.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Methods.Cobra.Bank;

/// <summary>
/// The embeddings of the normal training images, and an exact search among them. The best entries are found by float32 products, and
/// their similarities are computed in float64, because float32 cosines near 1 tie and lose their gradient's direction. float32
/// embeddings on the CPU are searched at the speed of memory, others by the device's matrix products in chunks.
/// </summary>
public sealed class EmbeddingBank : IDisposable
{
    /// <summary>Float32 products may swap candidates that differ by rounding; this many more are looked at exactly.</summary>
    internal const int Spare = 8;

    private const string MatrixName = "embeddings";

    private const long GroupSize = 64;

    /// <summary>Relative rounding of one float32 operation.</summary>
    private const double FloatRounding = 1.2e-7;

    /// <summary>Entries that are widened to float32 at a time: 4 MiB at 128 dimensions, which stay in a cache.</summary>
    private const long WidenedRows = 8192;

    /// <summary>Where half precision cannot tell a query's nearest entries apart, this many times as many are looked at exactly.</summary>
    private const int Widening = 8;

    /// <summary>A bank's most different entries are looked for among this many at most, evenly spaced.</summary>
    private const long PrototypeCandidates = 65_536;

    private readonly BankRows? rows;
    private readonly Tensor? unit;
    private readonly double roundingError;
    private readonly Lazy<BankSummary> summary;

    /// <summary>Builds a bank.</summary>
    /// <param name="embeddings">float32 or float64 [N, D] on any device, un-normalised; the bank takes it over and disposes it.</param>
    /// <param name="memoryLimit">Most bytes that one block of similarities may take where the search makes such blocks; 256 MiB by default.</param>
    /// <param name="halfPrecision">
    /// Whether the search by cosine reads a copy of the entries in 16 bits a number: half the memory traffic for half as much memory
    /// again, the same result, because every search allows for the entries' own rounding errors.
    /// </param>
    /// <exception cref="ArgumentException">The tensor is not a non-empty matrix of real numbers.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The memory limit is below 1 MiB.</exception>
    public EmbeddingBank(Tensor embeddings, long memoryLimit = 256L << 20, bool halfPrecision = false)
    {
        ArgumentNullException.ThrowIfNull(embeddings);
        if (embeddings.dim() != 2 || embeddings.numel() == 0 || !embeddings.is_floating_point())
            throw new ArgumentException($"Expected a non-empty matrix [N, D] of real numbers, found {embeddings.dtype} [{string.Join(", ", embeddings.shape)}].", nameof(embeddings));
        ArgumentOutOfRangeException.ThrowIfLessThan(memoryLimit, 1L << 20);

        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        // A search goes through memory row by row.
        Embeddings = embeddings.contiguous().DetachFromDisposeScope();
        summary = new Lazy<BankSummary>(() => new BankSummary(Embeddings));
        embeddings.Dispose();
        MemoryLimit = memoryLimit;
        if (Embeddings.device_type == DeviceType.CPU && Embeddings.dtype == ScalarType.Float32)
        {
            rows = new BankRows(Embeddings, halfPrecision, get_num_threads());
            return;
        }

        Tensor directions = UnitLength.Of(Embeddings);
        unit = (halfPrecision ? directions.to(ScalarType.Float16) : directions).DetachFromDisposeScope();
        if (halfPrecision) roundingError = LargestDistance(directions, unit) + Dimension * FloatRounding;
    }

    /// <summary>
    /// A bank that stays in its file, so that it may be larger than memory: each search goes through the file from beginning to end,
    /// and the system keeps as much of it as there is room. Only one number for each entry is held besides.
    /// </summary>
    /// <param name="path">
    /// What <see cref="Write"/> made, or any safetensors file with a float32 matrix "embeddings". It may be replaced or deleted meanwhile,
    /// but not changed in place.
    /// </param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ModelFormatException">The file is damaged or has no such matrix.</exception>
    public static EmbeddingBank Open(string path)
    {
        using TensorBundle file = Safetensors.Map(path);
        if (!file.Tensors.TryGetValue(MatrixName, out Tensor? embeddings) || embeddings.dtype != ScalarType.Float32 || embeddings.dim() != 2 || embeddings.size(0) == 0)
            throw new ModelFormatException($"{path}: expected a float32 matrix \"{MatrixName}\" with at least one row, found {string.Join(", ", file.Tensors.Select(pair => $"{pair.Key} {pair.Value.dtype} [{string.Join(", ", pair.Value.shape)}]"))}.");
        return new EmbeddingBank(embeddings.alias());
    }

    /// <summary>The bank that a network makes of images; the caller disposes it.</summary>
    /// <param name="network">The trained network, in evaluation mode.</param>
    /// <param name="images">Normal images of the size that the network was trained on.</param>
    /// <param name="device">Where the network is; the CPU when <see langword="null"/>.</param>
    internal static EmbeddingBank Of(CobraNetwork network, ImageSet images, Device? device)
    {
        using IDisposable frozen = no_grad();
        using CobraNetwork folded = network.Fold();
        return new EmbeddingBank(BatchedPass.Join(images.Count, BatchedPass.Size, (start, size) => folded.Embed(images.Batch(start, size, device))));
    }

    /// <summary>Writes a bank's file, block by block, so that it may be larger than memory. The file appears complete or not at all.</summary>
    /// <param name="path">The file to make or replace.</param>
    /// <param name="count">Number of entries.</param>
    /// <param name="dimension">Numbers of an entry.</param>
    /// <param name="blocks">Embeddings, un-normalised, float32 [any, dimension], one block after the other; each is disposed when it is written.</param>
    /// <exception cref="ArgumentException">A block has another type or width, or the blocks have more or fewer rows together.</exception>
    public static void Write(string path, long count, int dimension, IEnumerable<Tensor> blocks) => Safetensors.WriteMatrix(path, MatrixName, count, dimension, blocks);

    /// <summary>The un-normalised embeddings [N, D]; owned by the bank.</summary>
    public Tensor Embeddings { get; }

    /// <summary>Number of entries N.</summary>
    public long Count => Embeddings.size(0);

    /// <summary>Width of an embedding D.</summary>
    public long Dimension => Embeddings.size(1);

    /// <summary>What scores that ask the whole bank need of it; made on first use.</summary>
    internal BankSummary Summary => summary.Value;

    /// <summary>Most bytes that one block of similarities may take.</summary>
    public long MemoryLimit { get; }

    /// <summary>The most similar entries of each query by cosine; exact and differentiable. The caller disposes the result.</summary>
    /// <param name="embeddings">[Q, D], un-normalised, on the bank's device.</param>
    /// <param name="count">How many entries; cut at the size of the bank.</param>
    internal BankMatches MostSimilar(Tensor embeddings, int count)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor query = UnitLength.Of(embeddings.to(ScalarType.Float64));
        if (rows is not null)
        {
            Tensor nearest = Nearest(query, count, cosine: true);
            return Best(query, UnitLength.Of(Entries(nearest)), nearest, count);
        }

        for (long wanted = (long)count + Spare; ; wanted *= Widening)
        {
            (Tensor rough, Tensor candidates) = Candidates(query, unit!, wanted);
            BankMatches matches = Best(query, UnitLength.Of(Entries(candidates)), candidates, count);
            if (unit!.dtype != ScalarType.Float16 || wanted >= Count || Proven(matches, rough)) return matches;
            matches.Dispose();
        }
    }

    /// <summary>The entries with the largest inner product ⟨z, b⟩; exact and differentiable. The caller disposes the result.</summary>
    /// <param name="embeddings">[Q, D], un-normalised, on the bank's device.</param>
    /// <param name="count">How many entries; cut at the size of the bank.</param>
    internal BankMatches LargestInnerProduct(Tensor embeddings, int count)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor query = embeddings.to(ScalarType.Float64);
        Tensor candidates = rows is null ? Candidates(embeddings, Embeddings, (long)count + Spare).Rows : Nearest(query, count, cosine: false);
        return Best(query, Entries(candidates), candidates, count);
    }

    /// <summary>The most similar entries of each query by cosine, no two of them alike as long as there are others near. The caller disposes the result.</summary>
    /// <param name="embeddings">[Q, D], un-normalised, on the bank's device.</param>
    /// <param name="count">How many; cut at the size of the bank.</param>
    /// <returns>Rows of the bank, int64 [Q, count].</returns>
    internal Tensor NearestDistinct(Tensor embeddings, int count)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        Tensor rows = MostSimilar(embeddings, DistinctItems.Candidates(count)).Index;
        return DistinctItems.First(rows, UnitLength.Of(Entries(rows)), count).MoveToOuterDisposeScope();
    }

    /// <summary>The cosines of each query to entries of its own; exact and differentiable. The caller disposes the result.</summary>
    /// <param name="embeddings">[Q, D], un-normalised, on the bank's device.</param>
    /// <param name="rows">int64 [Q, k].</param>
    /// <returns>float64 [Q, k].</returns>
    internal Tensor Similarities(Tensor embeddings, Tensor rows)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor query = UnitLength.Of(embeddings.to(ScalarType.Float64));
        return UnitLength.Of(Entries(rows)).bmm(query.unsqueeze(2)).squeeze(2).MoveToOuterDisposeScope();
    }

    /// <summary>Entries that lie far from each other: greedily, each the one farthest from those before it. The caller disposes the result.</summary>
    /// <remarks>A large bank is thinned first: what serves an attack as a direction need not be the very farthest.</remarks>
    /// <param name="count">How many; cut at the size of the bank.</param>
    /// <returns>Unit vectors, float64 [count, D].</returns>
    internal Tensor Prototypes(int count)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        long stride = (Count + PrototypeCandidates - 1) / PrototypeCandidates;
        Tensor directions = UnitLength.Of(Embeddings.slice(0, 0, Count, stride));
        return UnitLength.Of(BankSummary.FarApart(directions, directions.narrow(0, 0, 1), count).to(ScalarType.Float64)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        rows?.Dispose();
        unit?.Dispose();
        if (summary.IsValueCreated) summary.Value.Dispose();
        Embeddings.Dispose();
    }

    /// <summary>The rows that match best, int64 [Q, count], cut at the size of the bank.</summary>
    /// <param name="queries">float64 [Q, D]; directions where cosines are compared.</param>
    /// <param name="count">How many.</param>
    /// <param name="cosine">Whether cosines are compared, or inner products.</param>
    private unsafe Tensor Nearest(Tensor queries, int count, bool cosine)
    {
        // The search reads memory by this width: another one would go past the end of it.
        if (queries.dim() != 2 || queries.size(1) != Dimension)
            throw new ArgumentException($"Expected queries [Q, {Dimension}], found [{string.Join(", ", queries.shape)}].", nameof(queries));
        using IDisposable frozen = no_grad();
        int wanted = (int)Math.Min(count, Count), threads = get_num_threads();
        long size = queries.size(0);
        if (size == 0) return empty([0, wanted], ScalarType.Int64);
        using Tensor fixedQueries = queries.detach().contiguous();
        double* values = BankRows.Address<double>(fixedQueries);
        long[] nearest = cosine
            ? BankSearch.MostSimilar(rows!, values, (int)size, wanted, threads)
            : BankSearch.LargestInnerProduct(rows!, values, (int)size, wanted, threads);
        return tensor(nearest, [size, wanted]);
    }

    private static BankMatches Best(Tensor queries, Tensor entries, Tensor candidates, int count)
    {
        Tensor similarity = entries.bmm(queries.unsqueeze(2)).squeeze(2);
        (Tensor values, Tensor order) = similarity.topk((int)Math.Min(count, similarity.size(1)), dim: 1);
        return new BankMatches(values.MoveToOuterDisposeScope(), candidates.gather(1, order).MoveToOuterDisposeScope());
    }

    /// <summary>
    /// The largest values of each row and their columns. The k largest of a row lie in the k groups with the largest maxima, and
    /// maxima are found at the speed of memory, which a selection of the k largest is far from.
    /// </summary>
    private static (Tensor Values, Tensor Columns) Largest(Tensor rows, int k)
    {
        long groups = rows.size(1) / GroupSize;
        if (groups < 2L * k) return rows.topk(k, dim: 1);
        Tensor grouped = rows.narrow(1, 0, groups * GroupSize).view(rows.size(0), groups, GroupSize);
        Tensor chosen = grouped.amax([2L]).topk(k, dim: 1).indexes;
        Tensor within = arange(GroupSize, ScalarType.Int64, rows.device);
        Tensor rest = arange(groups * GroupSize, rows.size(1), ScalarType.Int64, rows.device).expand(rows.size(0), -1);
        Tensor columns = cat([(chosen.unsqueeze(2) * GroupSize + within).flatten(1), rest], 1);
        (Tensor values, Tensor order) = rows.gather(1, columns).topk(k, dim: 1);
        return (values, columns.gather(1, order));
    }

    /// <summary>
    /// Whether the last match of every query is at least as similar as anything that is not a candidate can be: those are no more
    /// similar than the last candidate looked in half precision, plus |⟨ẑ, b̂ - b̃⟩| ≤ ‖b̂ - b̃‖.
    /// </summary>
    private bool Proven(BankMatches matches, Tensor rough)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        Tensor outside = rough.select(1, rough.size(1) - 1).to(ScalarType.Float64) + roundingError;
        return matches.Similarity.select(1, matches.Similarity.size(1) - 1).ge(outside).all().item<bool>();
    }

    private static double LargestDistance(Tensor exact, Tensor rounded)
    {
        double largest = 0;
        for (long start = 0; start < exact.size(0); start += WidenedRows)
        {
            using DisposeScope scope = NewDisposeScope();
            long rows = Math.Min(WidenedRows, exact.size(0) - start);
            Tensor difference = exact.narrow(0, start, rows).to(ScalarType.Float64) - rounded.narrow(0, start, rows).to(ScalarType.Float64);
            largest = Math.Max(largest, difference.norm(1, keepdim: false, p: 2f).max().item<double>());
        }

        return largest;
    }

    /// <summary>The candidates' embeddings in float64: [Q, k, D].</summary>
    private Tensor Entries(Tensor candidates) =>
        Embeddings.index_select(0, candidates.flatten()).view(candidates.size(0), candidates.size(1), Dimension).to(ScalarType.Float64);

    /// <summary>The rows of the bank that look best, most similar first: similarities [Q, wanted] and int64 [Q, wanted], cut at the size of the bank.</summary>
    private (Tensor Similarities, Tensor Rows) Candidates(Tensor queries, Tensor bank, long most)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        bool half = bank.dtype == ScalarType.Float16;
        Tensor fixedQueries = queries.detach().to(half ? ScalarType.Float32 : bank.dtype);
        int wanted = (int)Math.Min(most, Count);
        long rows = Math.Clamp(MemoryLimit / (fixedQueries.ElementSize * Math.Max(1, queries.size(0))), wanted, Count);
        if (half) rows = Math.Clamp(rows, Math.Min(wanted, WidenedRows), WidenedRows);
        Tensor? values = null;
        Tensor? indices = null;
        for (long start = 0; start < Count; start += rows)
        {
            using DisposeScope block = NewDisposeScope();
            Tensor chunk = bank.narrow(0, start, Math.Min(rows, Count - start));
            if (half) chunk = chunk.to(ScalarType.Float32);
            // For one query a matrix-vector product: 38 ms instead of 47 for a million entries in half precision.
            Tensor products = fixedQueries.size(0) == 1 ? chunk.mv(fixedQueries.squeeze(0)).unsqueeze(0) : fixedQueries.mm(chunk.t());
            (Tensor top, Tensor position) = Largest(products, (int)Math.Min(wanted, chunk.size(0)));
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

        return (values!.MoveToOuterDisposeScope(), indices!.MoveToOuterDisposeScope());
    }
}
