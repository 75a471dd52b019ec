using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Methods.Apae;
using CobraAD.Methods.Cobra;
using CobraAD.Methods.Cobra.Training;
using CobraAD.Methods.DeepSvdd;
using CobraAD.Methods.Neighbours;
using CobraAD.Methods.PatchCore;
using CobraAD.Methods.PrincipaLs;
using CobraAD.Methods.Released;
using CobraAD.Serialization;
using CobraAD.Serialization.Archive;
using CobraAD.Training;
using CobraAD.Training.Pretraining;
using static TorchSharp.torch;

namespace CobraAD.Methods;

/// <summary>Every detection method by name. Model files of all of them load, score, calibrate and are attacked alike.</summary>
/// <example><code>
/// using ITrainedDetector detector = DetectionMethods.Train(new DeepSvddOptions(), benchmark.Train);
/// detector.Save("model.cobra");
/// using ITrainedDetector same = DetectionMethods.Load("model.cobra");
/// </code></example>
public static class DetectionMethods
{
    /// <summary>All methods, COBRA first.</summary>
    public static IReadOnlyList<IDetectionMethod> All { get; } =
    [
        new CobraMethod(), new ReleasedMethod(),
        new DeepSvddMethod(), new Dn2Method(), new PandaMethod(), new MsadMethod(), new ZarndMethod(), new PatchCoreMethod(), new ApaeMethod(), new PrincipaLsMethod(),
    ];

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
        return Of(options).Train(options, images, session);
    }

    /// <summary>Reads a model file of any method.</summary>
    /// <param name="path">A file written by <see cref="ITrainedDetector.Save"/>.</param>
    /// <param name="device">Where the detector runs; the CPU when <see langword="null"/>.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ModelFormatException">The file is damaged, of a newer format, or holds no detector.</exception>
    public static ITrainedDetector Load(string path, Device? device = null) => Of(path).Load(path, device);

    /// <summary>Reads what a model file of any method says about itself, without its tensors.</summary>
    /// <inheritdoc cref="Load"/>
    public static IModelCard LoadCard(string path) => Of(path).LoadCard(path);

    /// <summary>The method that options belong to.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    internal static IDetectionMethod Of(DetectorOptions options) => All.FirstOrDefault(method => method.OptionsType == options.GetType())
        ?? throw new ArgumentException($"No detection method has options of type {options.GetType().Name}.", nameof(options));

    private static string Names => string.Join(", ", All.Select(method => method.Name));

    private static IDetectionMethod? Find(string name) => All.FirstOrDefault(method => method.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    private static IDetectionMethod Of(string path)
    {
        string kind = ModelArchive.ReadManifest(path).Kind;
        string remedy = kind switch
        {
            CobraCheckpoint.Kind => "A checkpoint continues with 'cobra train --resume'.",
            PretrainingCheckpoint.Kind => "A checkpoint of a pretraining continues with 'cobra pretrain --resume'.",
            _ => "It was written by another version.",
        };
        return Find(kind) ?? throw new ModelFormatException($"{path}: expected a trained detector ({Names}), found a file of kind '{kind}'. {remedy}");
    }
}
