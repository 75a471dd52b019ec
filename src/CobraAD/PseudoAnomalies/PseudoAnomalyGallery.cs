using CobraAD.Datasets;
using CobraAD.PseudoAnomalies.Crafting;
using CobraAD.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.PseudoAnomalies;

/// <summary>
/// Normal images, the pseudo-anomalies made of them, and how normal the filter finds both: what a source makes of a data set, to look at before a
/// training is spent on it. <c>Reporting.Pictures.GalleryPicture</c> draws it.
/// </summary>
public sealed record PseudoAnomalyGallery : IDisposable
{
    private PseudoAnomalyGallery(string source, Tensor normals, Tensor pseudoAnomalies, PseudoAnomalyStatistics statistics)
    {
        Source = source;
        Normals = normals;
        PseudoAnomalies = pseudoAnomalies;
        Statistics = statistics;
    }

    /// <summary>The source as reports name it.</summary>
    public string Source { get; }

    /// <summary>The normal images, float32 [N, 3, H, W] in [0, 1]; disposed with the gallery.</summary>
    public Tensor Normals { get; }

    /// <summary>A pseudo-anomaly for each of <see cref="Normals"/>, of the same shape; disposed with the gallery.</summary>
    public Tensor PseudoAnomalies { get; }

    /// <summary>What the rejection sampling did.</summary>
    public PseudoAnomalyStatistics Statistics { get; }

    /// <summary>p(C(x)) of the normal images; <see langword="null"/> where the source has no filter.</summary>
    public IReadOnlyList<double>? NormalPValues { get; private init; }

    /// <summary>p(C(x')) of the pseudo-anomalies; <see langword="null"/> where the source has no filter.</summary>
    public IReadOnlyList<double>? AnomalyPValues { get; private init; }

    /// <summary>The filter's check; <see langword="null"/> where the source has no filter.</summary>
    public FilterHealth? Health { get; private init; }

    /// <summary>Whether these are candidates that no filter has looked at yet.</summary>
    public bool AreCandidates { get; private init; }

    /// <summary>Why there is nothing to see of a source; <see langword="null"/> where there is.</summary>
    /// <param name="source">One of <see cref="PseudoAnomalySources.All"/>, or "folder:PATH".</param>
    public static string? Refusal(string source) => source switch
    {
        PseudoAnomalySources.None => $"The anomaly source is \"{source}\", which makes none: there is nothing to draw.",
        PseudoAnomalySources.VirtualOutliers => $"The anomaly source is \"{source}\", whose outliers are features of a network in training, not images: there is nothing to draw.",
        _ => null,
    };

    /// <summary>Prepares a source (COBRA's own trains its classifier and fits its filter) and makes pseudo-anomalies of images drawn at random. The caller disposes the gallery.</summary>
    /// <param name="images">The normal images.</param>
    /// <param name="source">One of <see cref="PseudoAnomalySources.All"/>, or "folder:PATH".</param>
    /// <param name="options">How they are made.</param>
    /// <param name="seed">Fixes the preparation, the choice and what is made.</param>
    /// <param name="count">Images shown, at most all.</param>
    /// <param name="claimedOrigin">What the user says the images of a folder are.</param>
    /// <param name="device">Where the work is done; the CPU when <see langword="null"/>.</param>
    /// <param name="progress">Told after each step of the preparation.</param>
    /// <param name="cancellation">Stops the preparation.</param>
    /// <exception cref="ArgumentException">The source is unknown or makes no images (<see cref="Refusal"/>), or there are too few images, or they are too small.</exception>
    /// <exception cref="DatasetException">The folder is missing or empty, or holds an unreadable image.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static PseudoAnomalyGallery Draw(
        ImageSet images, string source, PseudoAnomalyOptions options, long seed = 0, int count = 8, string? claimedOrigin = null, Device? device = null,
        IProgress<PreparationProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        if (Refusal(source) is { } refusal) throw new ArgumentException(refusal, nameof(source));
        device ??= CPU;
        RandomStreams streams = new(seed);
        using PseudoAnomalySupply supply = PseudoAnomalySources.Build(source, claimedOrigin, images, options, streams, device, progress, cancellation);
        using DisposeScope scope = NewDisposeScope();
        using Generator rng = streams.Create("craft");
        long[] order = randperm(images.Count, ScalarType.Int64, CPU, generator: rng).data<long>().ToArray();
        Tensor normals = images.Batch(order.AsSpan(0, Math.Min(count, order.Length)), device), crafted = supply.Craft(normals, rng)!;
        PseudoAnomalyGenerator? filtered = supply.Generator is { Options.Filter: true } generator ? generator : null;
        return new PseudoAnomalyGallery(supply.Name, normals.DetachFromDisposeScope(), crafted.DetachFromDisposeScope(), supply.Statistics)
        {
            NormalPValues = PValues(filtered, normals),
            AnomalyPValues = PValues(filtered, crafted),
            Health = supply.Generator?.Health,
        };
    }

    /// <summary>Makes candidates of the first images without training a filter: what hard transforms do, in no time. The caller disposes the gallery.</summary>
    /// <param name="images">The normal images.</param>
    /// <param name="options">Which transforms, and how many.</param>
    /// <param name="seed">Fixes what is made.</param>
    /// <param name="count">Images shown, at most all.</param>
    public static PseudoAnomalyGallery Candidates(ImageSet images, PseudoAnomalyOptions options, long seed = 0, int count = 8)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        RandomStreams streams = new(seed);
        using PseudoAnomalyGenerator source = PseudoAnomalyGenerator.Build(images, options with { Filter = false }, streams, CPU);
        using DisposeScope scope = NewDisposeScope();
        using Generator rng = streams.Create("gallery");
        Tensor normals = images.Batch(0, count), crafted = source.Craft(normals, rng);
        return new PseudoAnomalyGallery(source.Name, normals.DetachFromDisposeScope(), crafted.DetachFromDisposeScope(), source.Statistics) { AreCandidates = true };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Normals.Dispose();
        PseudoAnomalies.Dispose();
    }

    private static double[]? PValues(PseudoAnomalyGenerator? source, Tensor images)
    {
        if (source is null) return null;
        using IDisposable frozen = no_grad();
        return source.PValues(images).to(ScalarType.Float64).cpu().data<double>().ToArray();
    }
}
