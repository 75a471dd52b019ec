using System.Collections.Frozen;
using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Methods.Apae;
using CobraAD.Methods.Cobra;
using CobraAD.Methods.Cobra.Training;
using CobraAD.Methods.Csi;
using CobraAD.Methods.DeepSvdd;
using CobraAD.Methods.Draem;
using CobraAD.Methods.Neighbours;
using CobraAD.Methods.Ocsdf;
using CobraAD.Methods.PatchCore;
using CobraAD.Methods.PrincipaLs;
using CobraAD.Methods.ReContrast;
using CobraAD.Methods.Released;
using CobraAD.Methods.Tiles;
using CobraAD.Methods.Transformaly;
using CobraAD.Serialization;
using CobraAD.Serialization.Archive;
using CobraAD.Training;
using CobraAD.Training.Pretraining;
using static TorchSharp.torch;

namespace CobraAD.Methods;

/// <summary>
/// Every detection method by name: the library's and those of <see cref="Register"/>. Model files of all of them load, score, calibrate and
/// are attacked alike. May be used from several threads.
/// </summary>
/// <example><code>
/// using ITrainedDetector detector = DetectionMethods.Train(new DeepSvddOptions(), benchmark.Train);
/// detector.Save("model.cobra");
/// using ITrainedDetector same = DetectionMethods.Load("model.cobra");
/// </code></example>
public static class DetectionMethods
{
    private static readonly Lock Registration = new();

    /// <summary>Never changed, only replaced, so that whoever reads needs no lock.</summary>
    private static volatile IDetectionMethod[] known =
    [
        new CobraMethod(), new ReleasedMethod(),
        new DeepSvddMethod(), new Dn2Method(), new PandaMethod(), new MsadMethod(), new ZarndMethod(), new PatchCoreMethod(), new ApaeMethod(), new PrincipaLsMethod(),
        new ReContrastMethod(), new DraemMethod(), new TransformalyMethod(),
        new OcsdfMethod(), new CsiMethod(),
    ];

    /// <summary>All methods: the library's, COBRA first, then those that were registered, in their order.</summary>
    public static IReadOnlyList<IDetectionMethod> All => Array.AsReadOnly(known);

    /// <summary>
    /// Adds a method of one's own for the rest of the program: everything that names a method, trains by options or reads a model file knows it
    /// from then on. Register before the first of its model files is read.
    /// </summary>
    /// <param name="method">
    /// The method. Its <see cref="IDetectionMethod.Name"/> is the kind of its model files, and its options are a sealed record of their own.
    /// <see cref="IDetectionMethod"/> says what it must do.
    /// </param>
    /// <exception cref="ArgumentException">The name or the type of the options is taken, or cannot be used.</exception>
    public static void Register(IDetectionMethod method)
    {
        ArgumentNullException.ThrowIfNull(method);
        string name = method.Name;
        Type options = method.OptionsType;
        if (string.IsNullOrWhiteSpace(name)) throw new ArgumentException("A detection method needs a name, which its model files carry.", nameof(method));
        if (Remedies.ContainsKey(name)) throw new ArgumentException($"A detection method cannot be called '{name}': the library's own files of that kind hold something else.", nameof(method));
        if (!options.IsSubclassOf(typeof(DetectorOptions)) || options.IsAbstract)
            throw new ArgumentException($"The options of the method '{name}' are of type {options.Name}. They must be a record that derives from {nameof(DetectorOptions)}.", nameof(method));
        lock (Registration)
        {
            if (Find(name) is { } namesake) throw new ArgumentException($"There is a detection method '{namesake.Name}' already, {namesake.Title}. Choose another name.", nameof(method));
            if (OwnerOf(options) is { } owner)
                throw new ArgumentException($"Options of type {options.Name} belong to the method '{owner.Name}' already. Give the method '{name}' a record of its own.", nameof(method));
            known = [.. known, method];
        }
    }

    /// <summary>The method of a name.</summary>
    /// <param name="name">The name, in any case.</param>
    /// <exception cref="ArgumentException">There is no such method; the message lists them.</exception>
    public static IDetectionMethod Get(string name) =>
        Find(name) ?? throw new ArgumentException($"There is no detection method '{name}'. Methods are {Names}.", nameof(name));

    /// <summary>Trains with the method that the options belong to.</summary>
    /// <param name="options">A method's options.</param>
    /// <param name="images">Good images only; at least 8.</param>
    /// <param name="session">Device, progress and cancellation; none of them changes the result.</param>
    /// <returns>The detector; the caller disposes it.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    /// <exception cref="ArgumentException">No method has options of this type, or there are too few images.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="TrainingDivergedException">The loss was no longer finite.</exception>
    public static ITrainedDetector Train(DetectorOptions options, ImageSet images, TrainingSession? session = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        IDetectionMethod method = Of(options);
        // A method of someone else's need not know of tiles.
        return options.Tiles is null ? method.Train(options, images, session) : TiledTraining.Train(method, options, images, session ?? new TrainingSession());
    }

    /// <summary>Reads a model file of any method.</summary>
    /// <param name="path">A file written by <see cref="ITrainedDetector.Save"/>.</param>
    /// <param name="device">Where the detector runs; the CPU when <see langword="null"/>.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ModelFormatException">The file is damaged, of a newer format, or holds no detector.</exception>
    public static ITrainedDetector Load(string path, Device? device = null)
    {
        ModelManifest manifest = ModelArchive.ReadManifest(path);
        IDetectionMethod method = Of(manifest, path);
        return manifest.Tiles is null ? method.Load(path, device) : TiledModelFile.Read(path, method, device);
    }

    /// <summary>Reads what a model file of any method says about itself, without its tensors.</summary>
    /// <inheritdoc cref="Load"/>
    public static IModelCard LoadCard(string path)
    {
        ModelManifest manifest = ModelArchive.ReadManifest(path);
        IModelCard card = Of(manifest, path).LoadCard(path);
        return manifest.Tiles is null ? card : TiledModelFile.CardOf(path, manifest, card);
    }

    /// <summary>The method that options belong to.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    internal static IDetectionMethod Of(DetectorOptions options) => OwnerOf(options.GetType())
        ?? throw new ArgumentException($"No detection method has options of type {options.GetType().Name}. A method of your own must be registered first.", nameof(options));

    /// <summary>Kinds of files that hold no detector, and what they are good for.</summary>
    private static FrozenDictionary<string, string> Remedies { get; } = new Dictionary<string, string>
    {
        [CobraCheckpoint.Kind] = "A checkpoint continues with 'cobra train --resume'.",
        [PretrainingCheckpoint.Kind] = "A checkpoint of a pretraining continues with 'cobra pretrain --resume'.",
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    private static string Names => string.Join(", ", known.Select(method => method.Name));

    private static IDetectionMethod? Find(string name) => known.FirstOrDefault(method => method.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    private static IDetectionMethod? OwnerOf(Type options) => known.FirstOrDefault(method => method.OptionsType == options);

    private static IDetectionMethod Of(ModelManifest manifest, string path)
    {
        string kind = manifest.Kind;
        if (Find(kind) is { } method) return method;
        string remedy = Remedies.GetValueOrDefault(kind, "It was written by another version, or by a method that this program has not registered.");
        throw new ModelFormatException($"{path}: expected a trained detector ({Names}), found a file of kind '{kind}'. {remedy}");
    }
}
