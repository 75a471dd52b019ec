using CobraAD.Datasets;
using CobraAD.PseudoAnomalies.Crafting;
using CobraAD.PseudoAnomalies.Generative;
using CobraAD.PseudoAnomalies.Sources;
using static TorchSharp.torch;

namespace CobraAD.PseudoAnomalies;

/// <summary>
/// The source of pseudo-anomalies that a training chose by name, and the owner of everything that must live as long: the fitted generator, the
/// images of a folder or of a generative model, or the features that virtual outliers are drawn from. It counts what it makes, whichever
/// source it is.
/// </summary>
internal sealed class PseudoAnomalySupply : IDisposable
{
    /// <summary>Names of what <see cref="Export"/> gives: the generated images, and what stands before the parts of <see cref="VirtualOutliers"/>.</summary>
    internal const string PoolTensor = "images", VirtualPrefix = "virtual.";

    private readonly PseudoAnomalyOptions options;
    private readonly ImageSet? supplied;
    private PseudoAnomalyStatistics counted;

    internal PseudoAnomalySupply(IPseudoAnomalySource? source, PseudoAnomalyOptions options, PseudoAnomalyStatistics counted, ImageSet? supplied = null)
    {
        Source = source;
        this.options = options;
        this.supplied = supplied;
        this.counted = counted;
    }

    /// <summary>The source of images; <see langword="null"/> when the training has none.</summary>
    public IPseudoAnomalySource? Source { get; }

    /// <summary>The source of features, when the training has one instead of a source of images.</summary>
    internal VirtualOutliers? VirtualOutliers { get; init; }

    /// <summary>Time that it took to build, over all sessions of a training once.</summary>
    public double PreparationSeconds { get; set; }

    /// <summary>The fitted generator, when the source is COBRA's own.</summary>
    public PseudoAnomalyGenerator? Generator => Source as PseudoAnomalyGenerator;

    /// <summary>The source as reports name it.</summary>
    public string Name => Source?.Name ?? VirtualOutliers?.Name ?? "no pseudo-anomalies";

    /// <summary>What was made so far. The difference of two readings is what happened between them.</summary>
    public PseudoAnomalyStatistics Statistics => Generator?.Statistics ?? counted;

    /// <summary>Copies of everything that <see cref="PseudoAnomalySources.Restore"/> needs. The caller disposes the state.</summary>
    internal PseudoAnomalyState Export()
    {
        if (Generator is not null) return Timed(Generator.Export());
        Dictionary<string, Tensor> tensors = [];
        if (Source is GeneratedSource) tensors[PoolTensor] = supplied!.Pixels().DetachFromDisposeScope();
        VirtualOutliers?.Export(tensors, VirtualPrefix);
        return Timed(new PseudoAnomalyState(new PseudoAnomalyRecord(options, null, counted) { Source = Name }, tensors));

        PseudoAnomalyState Timed(PseudoAnomalyState state) => state with { Record = state.Record with { PreparationSeconds = PreparationSeconds } };
    }

    /// <summary>One pseudo-anomaly for each normal image, or <see langword="null"/> without a source of images. The caller disposes the result.</summary>
    /// <param name="normals">float32 [B, 3, H, W] in [0, 1].</param>
    /// <param name="rng">CPU generator of everything random.</param>
    public Tensor? Craft(Tensor normals, Generator rng)
    {
        if (Source is null) return null;
        if (Generator is null) Count(normals.size(0));
        return Source.Craft(normals, rng);
    }

    /// <summary>
    /// The features of one pseudo-anomaly for each of some normal images, or <see langword="null"/> without a source of features, or
    /// while it has seen too few. The caller disposes the result.
    /// </summary>
    /// <param name="normals">Number of normal images.</param>
    /// <param name="rng">CPU generator of everything random.</param>
    /// <returns>float32 [normals, feature size] on the CPU.</returns>
    public Tensor? CraftFeatures(long normals, Generator rng)
    {
        if (VirtualOutliers?.Draw(normals, rng) is not { } outliers) return null;
        Count(normals);
        return outliers;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Generator?.Dispose();
        VirtualOutliers?.Dispose();
        supplied?.Dispose();
    }

    private void Count(long made) => counted += new PseudoAnomalyStatistics(made, made, 0, 0);
}
