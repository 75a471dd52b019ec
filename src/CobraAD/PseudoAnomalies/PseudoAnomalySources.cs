using System.Diagnostics;
using CobraAD.Datasets;
using CobraAD.PseudoAnomalies.Crafting;
using CobraAD.PseudoAnomalies.Generative;
using CobraAD.PseudoAnomalies.Generative.Diffusion;
using CobraAD.PseudoAnomalies.Generative.Gan;
using CobraAD.PseudoAnomalies.Sources;
using CobraAD.PseudoAnomalies.Textures;
using CobraAD.Torch;
using static TorchSharp.torch;

namespace CobraAD.PseudoAnomalies;

/// <summary>
/// The sources of pseudo-anomalies that training can be told to use (the columns of the paper's Table 5, and one more), by name. To add one that needs no
/// preparation, write a file in Sources and a line in <see cref="Ready"/>.
/// </summary>
public static class PseudoAnomalySources
{
    /// <summary>COBRA's own Υ: hard transforms, filtered by likelihood.</summary>
    public const string Ours = "ours";

    /// <summary>No pseudo-anomalies: the contrastive loss of normal images alone.</summary>
    public const string None = "none";

    /// <summary>Unlikely points in the space of the encoder's features (VOS).</summary>
    public const string VirtualOutliers = "vos";

    /// <summary>Images of a small GAN of the normal images (<see cref="GanOptions"/>).</summary>
    public const string GoeSmall = "goe-small";

    /// <summary>Images of a small diffusion model of the normal images (<see cref="DiffusionOptions"/>).</summary>
    public const string FitymiSmall = "fitymi-small";

    /// <summary>What a name starts with that gives a folder of images.</summary>
    public const string FolderPrefix = "folder:";

    /// <summary>The sources that need nothing but the image in front of them.</summary>
    private static readonly Dictionary<string, Func<IPseudoAnomalySource>> Ready = new(StringComparer.Ordinal)
    {
        ["rotation"] = () => new RotationSource(),
        ["cutpaste"] = () => new CutPasteSource(CutPasteVariant.Normal),
        ["cutpaste-scar"] = () => new CutPasteSource(CutPasteVariant.Scar),
        ["cutpaste-3way"] = () => new CutPasteSource(CutPasteVariant.ThreeWay),
        ["perlin"] = () => new PerlinAnomalies(new ProceduralTextures()),
    };

    /// <summary>Every name without a path.</summary>
    public static IReadOnlyList<string> All { get; } = [Ours, .. Ready.Keys, VirtualOutliers, GoeSmall, FitymiSmall, None];

    /// <summary>Whether a name is one of <see cref="All"/>, or gives a folder.</summary>
    /// <param name="name">The name.</param>
    public static bool IsKnown(string name) => All.Contains(name) || FolderOf(name) is { Length: > 0 };

    /// <summary>The folder in "folder:PATH"; <see langword="null"/> for every other name.</summary>
    /// <param name="name">The name.</param>
    public static string? FolderOf(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.StartsWith(FolderPrefix, StringComparison.Ordinal) ? name[FolderPrefix.Length..] : null;
    }

    /// <summary>
    /// Opens a source. COBRA's own trains its classifier and fits its filter; "goe-small" and "fitymi-small" train their generators and
    /// make their images. The caller disposes the supply.
    /// </summary>
    /// <param name="name">One of <see cref="All"/>, or "folder:PATH".</param>
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
    internal static PseudoAnomalySupply Build(
        string name, string? claimedOrigin, ImageSet normals, PseudoAnomalyOptions options, RandomStreams streams, Device device,
        IProgress<PreparationProgress>? progress = null, CancellationToken cancellation = default)
    {
        long started = Stopwatch.GetTimestamp();
        PseudoAnomalySupply supply = name switch
        {
            Ours => new PseudoAnomalySupply(
                PseudoAnomalyGenerator.Build(normals, options, streams, device, progress, cancellation), options, PseudoAnomalyStatistics.None),
            GoeSmall => Generated(GanTraining.Make(normals, options.Gan, streams, device, progress, cancellation), options, PseudoAnomalyStatistics.None),
            FitymiSmall => Generated(DiffusionTraining.Make(normals, options.Diffusion, streams, device, progress, cancellation), options, PseudoAnomalyStatistics.None),
            _ => Open(name, claimedOrigin, normals, options, PseudoAnomalyStatistics.None, cancellation),
        };
        supply.PreparationSeconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        return supply;
    }

    /// <summary>A supply from an exported state, ready to go on. The caller disposes it and still owns the state.</summary>
    /// <param name="name">The name that it was built with.</param>
    /// <param name="claimedOrigin">What the user says the images of a folder are.</param>
    /// <param name="normals">The normal training images.</param>
    /// <param name="state">What <see cref="PseudoAnomalySupply.Export"/> gave.</param>
    /// <param name="device">Where images will be.</param>
    /// <exception cref="ArgumentException">The state does not fit, or the folder now holds other images.</exception>
    internal static PseudoAnomalySupply Restore(string name, string? claimedOrigin, ImageSet normals, PseudoAnomalyState state, Device device)
    {
        PseudoAnomalyRecord record = state.Record;
        PseudoAnomalySupply supply = name switch
        {
            Ours => new PseudoAnomalySupply(PseudoAnomalyGenerator.Restore(state, device), record.Options, PseudoAnomalyStatistics.None),
            GoeSmall or FitymiSmall => Generated((PoolOf(name, state), record.Source), record.Options, record.Statistics),
            _ => Reopen(name, claimedOrigin, normals, state),
        };
        supply.PreparationSeconds = record.PreparationSeconds;
        return supply;
    }

    /// <summary>The images that a generative model made before the training was interrupted.</summary>
    private static ImageSet PoolOf(string name, PseudoAnomalyState state)
    {
        if (!state.Tensors.TryGetValue(PseudoAnomalySupply.PoolTensor, out Tensor? pool))
            throw new ArgumentException($"The state of the source '{name}' has no tensor '{PseudoAnomalySupply.PoolTensor}'.", nameof(state));
        return new ImageSet(name, pool.clone(), [.. Enumerable.Range(0, (int)pool.size(0)).Select(i => $"{name}#{i}")]);
    }

    private static PseudoAnomalySupply Reopen(string name, string? claimedOrigin, ImageSet normals, PseudoAnomalyState state)
    {
        PseudoAnomalyRecord record = state.Record;
        PseudoAnomalySupply supply = Open(name, claimedOrigin, normals, record.Options, record.Statistics, CancellationToken.None);
        if (supply.Name != record.Source)
        {
            string found = supply.Name;
            supply.Dispose();
            throw new ArgumentException($"The training began with the pseudo-anomalies '{record.Source}', '{name}' now gives '{found}'. Put the first images back, or start the training again.", nameof(state));
        }

        supply.VirtualOutliers?.Restore(state.Tensors, PseudoAnomalySupply.VirtualPrefix);
        return supply;
    }

    private static PseudoAnomalySupply Generated((ImageSet Images, string Name) made, PseudoAnomalyOptions options, PseudoAnomalyStatistics counted) =>
        new(new GeneratedSource(made.Images, made.Name), options, counted, made.Images);

    private static PseudoAnomalySupply Open(
        string name, string? claimedOrigin, ImageSet normals, PseudoAnomalyOptions options, PseudoAnomalyStatistics counted, CancellationToken cancellation)
    {
        if (FolderOf(name) is { } folder)
        {
            ImageSet images = FolderImages.Read(folder, "pseudo-anomalies", normals, cancellation);
            return new PseudoAnomalySupply(new FolderSource(images, claimedOrigin), options, counted, images);
        }

        if (Ready.TryGetValue(name, out Func<IPseudoAnomalySource>? make)) return new PseudoAnomalySupply(make(), options, counted);
        return name switch
        {
            VirtualOutliers => new PseudoAnomalySupply(null, options, counted) { VirtualOutliers = new VirtualOutliers(options.VirtualOutliers, normals.Count) },
            None => new PseudoAnomalySupply(null, options, counted),
            _ => throw new ArgumentException($"There is no anomaly source '{name}'. Choose one of {string.Join(", ", All)}, or {FolderPrefix}PATH.", nameof(name)),
        };
    }
}
