using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.PseudoAnomalies.Sources;

/// <summary>
/// Anomalies in the space of the encoder's features instead of the images' (VOS, Du et al. 2022): a Gaussian N(μ, Σ) is fitted to the
/// latest features of normal images, and its least likely draws stand for the features F(Υ(x)) of pseudo-anomalies.
/// </summary>
/// <remarks>
/// A draw is v = μ + L z with z ~ N(0, I) and L Lᵀ = Σ + r I, so ln p(v) = c - ½‖z‖²: the least likely draws are those with the longest
/// z, and only these are carried through L. All in float64 on the CPU, so every device trains on the same outliers.
/// </remarks>
internal sealed class VirtualOutliers : IDisposable
{
    private readonly VirtualOutlierOptions options;
    private readonly int fewest;
    private Tensor? queue;

    /// <summary>An empty queue.</summary>
    /// <param name="options">How outliers are drawn.</param>
    /// <param name="images">Number of normal images: where it is less than the queue's length, as many features are enough to begin with.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public VirtualOutliers(VirtualOutlierOptions options, int images)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        this.options = options;
        fewest = Math.Max(2, Math.Min(options.QueueLength, images));
    }

    /// <summary>The source as reports name it.</summary>
    public string Name => FormattableString.Invariant(
        $"virtual outliers in feature space, the least likely of {options.Draws} draws from a Gaussian of the last {options.QueueLength} features (VOS)");

    /// <summary>Takes up features of normal images; the oldest ones leave the queue.</summary>
    /// <param name="features">[n, d]; copied, without their gradient.</param>
    public void Observe(Tensor features)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        Tensor latest = features.detach().to(ScalarType.Float32).cpu();
        Tensor all = queue is null ? latest : cat([queue, latest]);
        Tensor kept = all.narrow(0, Math.Max(0, all.size(0) - options.QueueLength), Math.Min(all.size(0), options.QueueLength)).clone();
        queue?.Dispose();
        queue = kept.DetachFromDisposeScope();
    }

    /// <summary>Draws outliers; gives <see langword="null"/> while the queue is too short. The caller disposes them.</summary>
    /// <param name="count">How many, at most <see cref="VirtualOutlierOptions.Draws"/>.</param>
    /// <param name="rng">CPU generator of the draws.</param>
    /// <returns>float32 [count, d] on the CPU.</returns>
    /// <exception cref="ArgumentOutOfRangeException">More are asked for than are drawn.</exception>
    public Tensor? Draw(long count, Generator rng)
    {
        if (count > options.Draws) throw new ArgumentOutOfRangeException(nameof(count), count, $"At most {options.Draws} outliers can be kept of {options.Draws} draws.");
        if (queue is null || queue.size(0) < fewest) return null;
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        Tensor features = queue.to(ScalarType.Float64), mean = features.mean([0]), centred = features - mean;
        Tensor unit = eye(features.size(1), dtype: ScalarType.Float64);
        Tensor root = linalg.cholesky(centred.t().mm(centred) / features.size(0) + options.Regularization * unit);
        Tensor draws = randn([options.Draws, features.size(1)], dtype: ScalarType.Float64, generator: rng);
        Tensor longest = draws.index_select(0, draws.square().sum([1]).topk((int)count).indexes);
        return (mean + longest.mm(root.t())).to(ScalarType.Float32).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose() => queue?.Dispose();

    /// <summary>Adds copies of the state to named tensors; none before the first features.</summary>
    internal void Export(Dictionary<string, Tensor> tensors, string prefix)
    {
        if (queue is not null) tensors[prefix + "queue"] = queue.clone().DetachFromDisposeScope();
    }

    /// <summary>Takes up where <see cref="Export"/> was called, to the bit.</summary>
    internal void Restore(IReadOnlyDictionary<string, Tensor> tensors, string prefix)
    {
        if (tensors.TryGetValue(prefix + "queue", out Tensor? exported)) queue = exported.clone().DetachFromDisposeScope();
    }
}
