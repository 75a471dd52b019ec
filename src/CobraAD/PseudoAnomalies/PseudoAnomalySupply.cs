using CobraAD.Datasets;
using CobraAD.PseudoAnomalies.Crafting;
using CobraAD.PseudoAnomalies.Generative;
using CobraAD.PseudoAnomalies.Generative.Diffusion;
using CobraAD.PseudoAnomalies.Generative.Gan;
using CobraAD.PseudoAnomalies.Sources;
using CobraAD.Torch;
using static TorchSharp.torch;

namespace CobraAD.PseudoAnomalies;

/// <summary>
/// The source of pseudo-anomalies that a training chose by name, with everything that must live as long as it: the fitted generator, the
/// images of a folder or of a generative model, or the features that virtual outliers are drawn from. It counts what it makes, whichever
/// source it is.
/// </summary>
public sealed class PseudoAnomalySupply : IDisposable
{
    private const string PoolTensor = "images", VirtualPrefix = "virtual.";

    private readonly PseudoAnomalyOptions options;
    private readonly ImageSet? supplied;
    private PseudoAnomalyStatistics counted;

    private PseudoAnomalySupply(IPseudoAnomalySource? source, PseudoAnomalyOptions options, PseudoAnomalyStatistics counted, ImageSet? supplied = null)
    {
        Source = source;
        this.options = options;
        this.supplied = supplied;
        this.counted = counted;
    }

    /// <summary>The source of images; <see langword="null"/> when the training has none.</summary>
    public IPseudoAnomalySource? Source { get; }

    /// <summary>The source of features, when the training has one instead of a source of images.</summary>
    public VirtualOutliers? VirtualOutliers { get; private init; }

    /// <summary>The fitted generator, when the source is COBRA's own.</summary>
    public PseudoAnomalyGenerator? Generator => Source as PseudoAnomalyGenerator;

    /// <summary>The source as reports name it.</summary>
    public string Name => Source?.Name ?? VirtualOutliers?.Name ?? "no pseudo-anomalies";

    /// <summary>What was made so far. The difference of two readings is what happened between them.</summary>
    public PseudoAnomalyStatistics Statistics => Generator?.Statistics ?? counted;

    /// <summary>
    /// Opens a source. COBRA's own trains its classifier and fits its filter; "goe-small" and "fitymi-small" train their generators and
    /// make their images. The caller disposes the supply.
    /// </summary>
    /// <param name="name">One of <see cref="PseudoAnomalySources.All"/>, or "folder:PATH".</param>
    /// <param name="claimedOrigin">What the user says the images of a folder are.</param>
    /// <param name="normals">The normal training images; a folder's images are read at their size.</param>
    /// <param name="options">How the source is made.</param>
    /// <param name="streams">The run's random numbers.</param>
    /// <param name="device">Where images will be.</param>
    /// <param name="progress">Told after each step of the preparation.</param>
    /// <param name="cancellation">Stops the preparation.</param>
    /// <exception cref="ArgumentException">The name is unknown, or there are too few images, or they are too small.</exception>
    /// <exception cref="DatasetException">The folder is missing or empty, or holds an unreadable image.</exception>
    /// <exception cref="InvalidOperationException">A training of the preparation diverged.</exception>
    public static PseudoAnomalySupply Build(
        string name, string? claimedOrigin, ImageSet normals, PseudoAnomalyOptions options, RandomStreams streams, Device device,
        IProgress<PreparationProgress>? progress = null, CancellationToken cancellation = default) => name switch
        {
            PseudoAnomalySources.Ours => new PseudoAnomalySupply(
                PseudoAnomalyGenerator.Build(normals, options, streams, device, progress is null ? null : new FilterProgress(progress), cancellation),
                options, PseudoAnomalyStatistics.None),
            PseudoAnomalySources.GoeSmall => Generated(GanTraining.Make(normals, options.Gan, streams, device, progress, cancellation), options, PseudoAnomalyStatistics.None),
            PseudoAnomalySources.FitymiSmall => Generated(DiffusionTraining.Make(normals, options.Diffusion, streams, device, progress, cancellation), options, PseudoAnomalyStatistics.None),
            _ => Open(name, claimedOrigin, normals, options, PseudoAnomalyStatistics.None, cancellation),
        };

    /// <summary>A supply from an exported state, ready to go on. The caller disposes it and still owns the state.</summary>
    /// <param name="name">The name that it was built with.</param>
    /// <param name="claimedOrigin">What the user says the images of a folder are.</param>
    /// <param name="normals">The normal training images.</param>
    /// <param name="state">What <see cref="Export"/> gave.</param>
    /// <param name="device">Where images will be.</param>
    /// <exception cref="ArgumentException">The state does not fit, or the folder now holds other images.</exception>
    public static PseudoAnomalySupply Restore(string name, string? claimedOrigin, ImageSet normals, PseudoAnomalyState state, Device device)
    {
        PseudoAnomalyRecord record = state.Record;
        switch (name)
        {
            case PseudoAnomalySources.Ours:
                return new PseudoAnomalySupply(PseudoAnomalyGenerator.Restore(state, device), record.Options, PseudoAnomalyStatistics.None);
            case PseudoAnomalySources.GoeSmall or PseudoAnomalySources.FitymiSmall:
                if (!state.Tensors.TryGetValue(PoolTensor, out Tensor? pool)) throw new ArgumentException($"The state of the source '{name}' has no tensor '{PoolTensor}'.", nameof(state));
                return Generated((new ImageSet(name, pool.clone(), [.. Enumerable.Range(0, (int)pool.size(0)).Select(i => $"{name}#{i}")]), record.Source), record.Options, record.Statistics);
        }

        PseudoAnomalySupply supply = Open(name, claimedOrigin, normals, record.Options, record.Statistics, CancellationToken.None);
        if (supply.Name != record.Source)
        {
            string found = supply.Name;
            supply.Dispose();
            throw new ArgumentException($"The training began with the pseudo-anomalies '{record.Source}', '{name}' now gives '{found}'. Put the first images back, or start the training again.", nameof(state));
        }

        supply.VirtualOutliers?.Restore(state.Tensors, VirtualPrefix);
        return supply;
    }

    /// <summary>Copies of everything that <see cref="Restore"/> needs. The caller disposes the state.</summary>
    public PseudoAnomalyState Export()
    {
        if (Generator is not null) return Generator.Export();
        Dictionary<string, Tensor> tensors = [];
        if (Source is GeneratedSource) tensors[PoolTensor] = supplied!.Pixels().DetachFromDisposeScope();
        VirtualOutliers?.Export(tensors, VirtualPrefix);
        return new PseudoAnomalyState(new PseudoAnomalyRecord(options, null, counted) { Source = Name }, tensors);
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
    /// The features of one pseudo-anomaly for each of some normal images, or <see langword="null"/> without a source of features, or as
    /// long as it has seen too few. The caller disposes the result.
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

    private static PseudoAnomalySupply Generated((ImageSet Images, string Name) made, PseudoAnomalyOptions options, PseudoAnomalyStatistics counted) =>
        new(new GeneratedSource(made.Images, made.Name), options, counted, made.Images);

    private static PseudoAnomalySupply Open(
        string name, string? claimedOrigin, ImageSet normals, PseudoAnomalyOptions options, PseudoAnomalyStatistics counted, CancellationToken cancellation)
    {
        if (PseudoAnomalySources.FolderOf(name) is { } folder)
        {
            ImageSet images = ReadFolder(folder, normals, cancellation);
            return new PseudoAnomalySupply(new FolderSource(images, claimedOrigin), options, counted, images);
        }

        if (name == PseudoAnomalySources.VirtualOutliers)
            return new PseudoAnomalySupply(null, options, counted) { VirtualOutliers = new VirtualOutliers(options.VirtualOutliers, normals.Count) };

        IPseudoAnomalySource? source = name switch
        {
            "rotation" => new RotationSource(),
            "cutpaste" => new CutPasteSource(CutPasteVariant.Normal),
            "cutpaste-scar" => new CutPasteSource(CutPasteVariant.Scar),
            "cutpaste-3way" => new CutPasteSource(CutPasteVariant.ThreeWay),
            PseudoAnomalySources.None => null,
            _ => throw new ArgumentException($"There is no anomaly source '{name}'. Choose one of {string.Join(", ", PseudoAnomalySources.All)}, or {PseudoAnomalySources.FolderPrefix}PATH.", nameof(name)),
        };
        return new PseudoAnomalySupply(source, options, counted);
    }

    /// <summary>The folder's images at the size of the normal ones, named by their content so that a resumed training notices other images.</summary>
    private static ImageSet ReadFolder(string folder, ImageSet normals, CancellationToken cancellation)
    {
        if (!Directory.Exists(folder)) throw new DatasetException($"The folder of pseudo-anomalies '{folder}' does not exist.");
        if (normals.Height != normals.Width) throw new DatasetException($"Pseudo-anomalies from a folder are read square; the normal images are {normals.Width} × {normals.Height}.");
        using ReadImages read = DatasetLoader.ReadImages([folder], normals.Width, cancellation: cancellation);
        if (read.Unreadable.Count > 0) throw new DatasetException($"'{read.Unreadable[0].Source}' cannot be read: {read.Unreadable[0].Reason} Remove or replace it.");
        if (read.Images.Count == 0) throw new DatasetException($"The folder of pseudo-anomalies '{folder}' holds no images.");
        return read.Images.Subset([.. Enumerable.Range(0, read.Images.Count)], $"{Path.GetFileName(Path.TrimEndingDirectorySeparator(folder))}, sha256 {read.Images.Fingerprint[..12]}");
    }

    private sealed class FilterProgress(IProgress<PreparationProgress> progress) : IProgress<TransformationClassifierProgress>
    {
        public void Report(TransformationClassifierProgress value) => progress.Report(new PreparationProgress(
            "pseudo-anomaly filter", value.Epoch, (long)(value.Epoch - 1) * value.Steps + value.Step, (long)value.Epochs * value.Steps, value.Loss));
    }
}
