using CobraAD.Datasets;
using CobraAD.Serialization;
using CobraAD.Serialization.Archive;
using CobraAD.Torch;
using CobraAD.Training;
using static TorchSharp.torch;

namespace CobraAD.Detection;

/// <summary>A way to make a detector from good images, e.g. COBRA or DeepSVDD. One of your own joins them with <c>DetectionMethods.Register</c>.</summary>
/// <remarks>
/// <para>
/// What a method of your own needs is public. Its options are a record of <see cref="DetectorOptions"/> that JSON can hold
/// (<see cref="CobraJson"/>). <see cref="CalibrationSplit"/> says which images to train on and which to keep for the threshold, and
/// <see cref="ScoreCalibration.From"/> sets it from their <see cref="DetectorScoring.ScoreAll"/>. <see cref="RandomStreams"/> gives random
/// numbers that depend on the seed alone.
/// </para>
/// <para>
/// Its model file is a <see cref="ModelArchive"/>: tensors in named groups and a <see cref="ModelManifest"/> whose kind is the method's name,
/// with the options and the calibration as <see cref="CobraJson.ToNode"/> gives them, and <see cref="ImageSet.Describe"/> as its data.
/// Tensors that an archive was read into belong to it: keep copies of them.
/// </para>
/// </remarks>
public interface IDetectionMethod
{
    /// <summary>The name on the command line and in model files, e.g. "deepsvdd".</summary>
    string Name { get; }

    /// <summary>Its name in prose with its origin, e.g. "DeepSVDD (Ruff et al. 2018)".</summary>
    string Title { get; }

    /// <summary>What it needs besides good images, in a few words, e.g. "a backbone"; "nothing else" when that is all.</summary>
    string Needs { get; }

    /// <summary>Names of its ready-made options.</summary>
    IReadOnlyList<string> Presets { get; }

    /// <summary>The one of <see cref="Presets"/> that is meant when none is named.</summary>
    string DefaultPreset { get; }

    /// <summary>The one of <see cref="Presets"/> that is meant for a data set when none is named.</summary>
    /// <param name="data">The data set.</param>
    /// <returns><see cref="DefaultPreset"/>, unless the method has another for such data.</returns>
    string PresetFor(AnomalyBenchmark data) => DefaultPreset;

    /// <summary>Whether an interrupted training can go on from <see cref="TrainingSession.CheckpointPath"/>.</summary>
    bool CanResume { get; }

    /// <summary>The record that holds its options.</summary>
    Type OptionsType { get; }

    /// <summary>The options of a preset.</summary>
    /// <param name="name">One of <see cref="Presets"/>.</param>
    /// <param name="imageSize">The longer side of the images in pixels.</param>
    /// <exception cref="ArgumentException">There is no such preset.</exception>
    DetectorOptions Preset(string name, int imageSize);

    /// <summary>Refuses what makes no sense on a device, before images are read; <see cref="Train"/> refuses it too.</summary>
    /// <param name="options">Valid options of type <see cref="OptionsType"/>.</param>
    /// <param name="device">Where the training is to run.</param>
    /// <exception cref="NotSupportedException">The device would only make the training slower or worse; the message says what to use instead.</exception>
    void RequireFit(DetectorOptions options, Device device)
    {
    }

    /// <summary>What a training will take, in a sentence to show before it starts.</summary>
    /// <param name="options">Valid options of type <see cref="OptionsType"/>.</param>
    /// <param name="images">The images to train on.</param>
    /// <returns>The sentence, or <see langword="null"/> when there is nothing to say.</returns>
    string? Announce(DetectorOptions options, ImageSet images) => null;

    /// <summary>Trains on good images and sets the threshold.</summary>
    /// <param name="options">Options of type <see cref="OptionsType"/>.</param>
    /// <param name="images">Good images only; at least 8.</param>
    /// <param name="session">Device, progress and cancellation; none of them changes the result.</param>
    /// <returns>The detector; the caller disposes it.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    /// <exception cref="ArgumentException">The options belong to another method, or there are too few images.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="TrainingDivergedException">The loss was no longer finite.</exception>
    ITrainedDetector Train(DetectorOptions options, ImageSet images, TrainingSession? session = null);

    /// <summary>Reads a model file of this method.</summary>
    /// <param name="path">A file written by <see cref="ITrainedDetector.Save"/>.</param>
    /// <param name="device">Where the detector runs; the CPU when <see langword="null"/>.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ModelFormatException">The file is damaged, of a newer format, or of another method.</exception>
    ITrainedDetector Load(string path, Device? device = null);

    /// <summary>Reads what a model file of this method says about itself, without its tensors.</summary>
    /// <inheritdoc cref="Load"/>
    IModelCard LoadCard(string path);
}
