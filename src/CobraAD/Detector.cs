using CobraAD.Datasets;
using CobraAD.Datasets.Protocols;
using CobraAD.Detection;
using CobraAD.Detection.Bulk;
using CobraAD.Detection.Foreign;
using CobraAD.Methods;
using CobraAD.Methods.Cobra;
using CobraAD.Methods.Common;
using CobraAD.Methods.Maintenance;
using CobraAD.PseudoAnomalies.Crafting;
using CobraAD.Reporting.Pictures;
using CobraAD.Serialization;
using CobraAD.Training;
using static TorchSharp.torch;

namespace CobraAD;

/// <summary>
/// The way in: from a folder of images to a detector, and from a detector to scores. <see cref="RobustnessStudy"/> attacks what comes out of it.
/// </summary>
/// <example><code>
/// using var data = Detector.Open("parts");
/// using var detector = Detector.Train(data);
/// detector.Save("model.cobra");
/// double[] scores = detector.Calibrated("new-parts");
/// </code></example>
public static class Detector
{
    /// <summary>Opens a data set: a folder of good images, an MVTec layout, a folder for each class, IDX, CIFAR and others.</summary>
    /// <inheritdoc cref="DatasetLoader.Open"/>
    public static AnomalyBenchmark Open(
        string path, DatasetOptions? options = null, IProgress<DatasetProgress>? progress = null, CancellationToken cancellation = default) =>
        DatasetLoader.Open(path, options, progress, cancellation);

    /// <summary>Trains on a data set's good images and sets the threshold.</summary>
    /// <param name="data">The data set; its test images are not looked at.</param>
    /// <param name="options">Which method, and how: any method's options. <see langword="null"/> (the default) is COBRA, for good parts with its preset "parts", otherwise with "fast".</param>
    /// <param name="session">Device, progress, checkpoints and cancellation; none of them changes the result.</param>
    /// <returns>The detector; the caller disposes it.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    /// <exception cref="ArgumentException">No method has options of this type, or there are too few images.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="TrainingDivergedException">The loss was no longer finite.</exception>
    public static ITrainedDetector Train(AnomalyBenchmark data, DetectorOptions? options = null, TrainingSession? session = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        try
        {
            return DetectionMethods.Train(options ?? OptionsOf(data, CobraDetector.Kind, preset: null), data.Train, session);
        }
        catch (TooFewNormalsException few) when (data.Protocol == BenchmarkPlan.RandomSplit)
        {
            throw few.Before(data.TestIsAnomalous.Count(isAnomalous => !isAnomalous), "put aside to test on, because the data set has no test part", data.Name);
        }
    }

    /// <summary>Trains with a method and a preset by name, as <c>cobra train --method --preset</c> does.</summary>
    /// <param name="data">The data set; its test images are not looked at.</param>
    /// <param name="method">The method, e.g. "deepsvdd"; <see cref="DetectionMethods.All"/> lists them.</param>
    /// <param name="preset">One of its presets; <see langword="null"/> (the default) for its default.</param>
    /// <param name="session">Device, progress, checkpoints and cancellation; none of them changes the result.</param>
    /// <exception cref="ArgumentException">There is no such method or preset, or there are too few images.</exception>
    /// <inheritdoc cref="Train(AnomalyBenchmark, DetectorOptions?, TrainingSession?)"/>
    public static ITrainedDetector Train(AnomalyBenchmark data, string method, string? preset = null, TrainingSession? session = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(method);
        return Train(data, OptionsOf(data, method, preset), session);
    }

    /// <summary>Reads a model file of any method.</summary>
    /// <param name="path">A file that <see cref="ITrainedDetector.Save"/> wrote.</param>
    /// <param name="device">Where the detector runs; the CPU when <see langword="null"/>.</param>
    /// <returns>The detector; the caller disposes it.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ModelFormatException">The file is damaged, of a newer format, or holds no detector.</exception>
    public static ITrainedDetector Load(string path, Device? device = null) => DetectionMethods.Load(path, device);

    /// <summary>Opens a detector made elsewhere, in a TorchScript file: it can be attacked and audited like one of ours.</summary>
    /// <param name="path">The file. For an ONNX file the package CobraAD.Onnx adds <c>Detector.ForeignOnnx</c>.</param>
    /// <param name="input">What it takes and returns; the defaults when <see langword="null"/>.</param>
    /// <param name="device">Where it runs; the CPU when <see langword="null"/>.</param>
    /// <returns>The detector; the caller disposes it.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ForeignModelException">The file is not TorchScript.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public static IAnomalyDetector Foreign(string path, ForeignInput? input = null, Device? device = null) =>
        new TorchScriptDetector(path, input ?? new ForeignInput(), device);

    /// <summary>Scores image files at the size that the detector was trained on. An unreadable one is listed and does not stop the others.</summary>
    /// <param name="detector">The detector.</param>
    /// <param name="paths">Files and folders; of a folder all image files at any depth.</param>
    /// <param name="progress">Told how many images are decoded, from the reading threads.</param>
    /// <param name="cancellation">Stops between two images or passes.</param>
    /// <exception cref="DatasetException">The images do not fit into memory.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static FileScores ScoreFiles(
        this ITrainedDetector detector, IEnumerable<string> paths, IProgress<DatasetProgress>? progress = null, CancellationToken cancellation = default) =>
        ScoreFiles(detector, paths, heatMaps: null, progress, cancellation);

    /// <summary>Scores image files, and writes a picture of each with the detector's map over it: its own, or one from its gradient.</summary>
    /// <param name="detector">The detector.</param>
    /// <param name="paths">Files and folders; of a folder all image files at any depth.</param>
    /// <param name="heatMaps">The folder of the pictures; none are made when <see langword="null"/>.</param>
    /// <param name="progress">Told how many images are decoded, from the reading threads.</param>
    /// <param name="cancellation">Stops between two images or passes.</param>
    /// <exception cref="DatasetException">The images do not fit into memory.</exception>
    /// <exception cref="NotSupportedException">Pictures are wanted, and the detector has neither a map nor a gradient.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static FileScores ScoreFiles(
        this ITrainedDetector detector, IEnumerable<string> paths, string? heatMaps, IProgress<DatasetProgress>? progress = null, CancellationToken cancellation = default)
    {
        FileScores[] blocks = [.. detector.ScoreBlocks(paths, heatMaps, progress, cancellation)];
        return new FileScores([.. blocks.SelectMany(block => block.Images)], [.. blocks.SelectMany(block => block.Unreadable)]);
    }

    /// <summary>
    /// The same for any number of files, a block of some hundred at a time: the next block is decoded while one is scored, and memory does not grow
    /// with their number.
    /// </summary>
    /// <param name="detector">The detector.</param>
    /// <param name="paths">Files and folders; of a folder all image files at any depth.</param>
    /// <param name="heatMaps">A folder for a picture of each image; none are made when <see langword="null"/>.</param>
    /// <param name="progress">Told how many images are decoded, from the reading threads.</param>
    /// <param name="cancellation">Stops between two images or passes.</param>
    /// <exception cref="NotSupportedException">Pictures are wanted, and the detector has neither a map nor a gradient.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static IEnumerable<FileScores> ScoreBlocks(
        this ITrainedDetector detector, IEnumerable<string> paths, string? heatMaps = null, IProgress<DatasetProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(detector);
        ArgumentNullException.ThrowIfNull(paths);
        return Blocks();

        IEnumerable<FileScores> Blocks()
        {
            ListedFiles files = ListedFiles.Of(paths);
            if (files.Omitted.Count > 0) yield return new FileScores([], files.Omitted);
            HashSet<string> names = new(StringComparer.OrdinalIgnoreCase);
            Func<ImageSet, IReadOnlyList<string>>? draw = heatMaps is null ? null : images => HeatMapFolder.Write(detector, images, heatMaps, names, cancellation);
            foreach (BlockScores block in FileBlocks.Score(detector, files.Paths, progress, cancellation, draw))
                yield return new FileScores([.. block.Paths.Select((path, i) => FileScore.Of(detector.Card.Calibration, path, block.Scores[i]) with { HeatMap = block.Pictures?[i] })], block.Unreadable);
        }
    }

    /// <summary>The scores of a folder's images in the ordinal order of their paths, on the scale where 0.5 is the threshold.</summary>
    /// <param name="detector">The detector.</param>
    /// <param name="path">A folder, searched at any depth, or one image file.</param>
    /// <param name="cancellation">Stops between two images or passes.</param>
    /// <exception cref="DatasetException">There is no image, or one cannot be read; <see cref="ScoreFiles(ITrainedDetector, IEnumerable{string}, IProgress{DatasetProgress}, CancellationToken)"/> scores the others.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static double[] Calibrated(this ITrainedDetector detector, string path, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!Directory.Exists(path) && !File.Exists(path)) throw new DatasetException($"'{path}' does not exist.");
        FileScores scores = detector.ScoreFiles([path], cancellation: cancellation);
        if (scores.Unreadable is [{ } first, ..])
        {
            throw new DatasetException(
                $"'{first.Source}' cannot be read: {first.Reason} {scores.Unreadable.Count} of {scores.Unreadable.Count + scores.Images.Count} images cannot; {nameof(ScoreFiles)} scores the others.");
        }

        return scores.Images.Count > 0 ? [.. scores.Images.Select(image => image.Score)] : throw new DatasetException($"'{path}' holds no image.");
    }

    /// <summary>
    /// Takes new good parts into a detector without training: it adds them to its bank, sets its threshold anew from some that are not added, and
    /// refuses what is unlike good parts. Methods without a bank get a threshold only. <see cref="ITrainedDetector.Save"/> writes it.
    /// </summary>
    /// <param name="detector">The detector; its bank, its threshold and its history change.</param>
    /// <param name="paths">Files and folders of good parts; of a folder all image files at any depth.</param>
    /// <param name="options">What is refused and accepted; the defaults when <see langword="null"/>.</param>
    /// <param name="progress">Told how many images are decoded, from the reading threads.</param>
    /// <param name="cancellation">Stops between two images or passes, before anything is changed.</param>
    /// <exception cref="DatasetException">There is no image, none is left, or there are too few for a threshold.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    /// <exception cref="NotSupportedException">The detector is of a method that the library does not have, and keeps no history: use <see cref="ITrainedDetector.Recalibrate"/>.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static UpdateResult Update(
        this ITrainedDetector detector, IEnumerable<string> paths, UpdateOptions? options = null, IProgress<DatasetProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(detector);
        ArgumentNullException.ThrowIfNull(paths);
        options ??= new UpdateOptions();
        options.Validate();
        if (detector is not IUpdatable updatable)
            throw new NotSupportedException($"{detector.Name} is of a method that keeps no history in its files. Set its threshold anew with {nameof(ITrainedDetector.Recalibrate)}.");
        string[] sources = [.. paths];
        using ReadImages read = DatasetLoader.ReadImages(sources, detector.Card.Data.Height, detector.Card.Data.Framing, progress: progress, cancellation: cancellation);
        if (read.Images.Count == 0) throw new DatasetException($"{string.Join(", ", sources)}: no image that can be read. Give good parts as image files, or a folder of some.");
        return new DetectorUpdate(updatable, options).Run(read, string.Join(", ", sources), DateTimeOffset.UtcNow, cancellation);
    }

    private static DetectorOptions OptionsOf(AnomalyBenchmark data, string name, string? preset)
    {
        IDetectionMethod method = DetectionMethods.Get(name);
        return method.Preset(preset ?? method.PresetFor(data), Math.Max(data.Train.Height, data.Train.Width));
    }
}
