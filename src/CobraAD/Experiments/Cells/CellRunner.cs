using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using CobraAD.Attacks;
using CobraAD.Datasets;
using CobraAD.Datasets.Paper;
using CobraAD.Detection;
using CobraAD.Evaluation.Metrics;
using CobraAD.Evaluation.Robustness;
using CobraAD.Methods;
using CobraAD.Methods.Cobra;
using CobraAD.Methods.Common;
using CobraAD.PseudoAnomalies;
using CobraAD.PseudoAnomalies.Crafting;
using CobraAD.PseudoAnomalies.Quality;
using CobraAD.Reporting;
using CobraAD.Serialization.Archive;
using CobraAD.Torch;
using CobraAD.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Experiments.Cells;

/// <summary>Computes cells.</summary>
/// <param name="data">The folder of data sets.</param>
/// <param name="store">Where results and shared models are kept.</param>
/// <param name="device">Where networks run; the CPU when <see langword="null"/>.</param>
/// <param name="backbone">The weight file of cells whose method needs one; its content must be what they were planned with.</param>
public sealed class CellRunner(string data, CellStore store, Device? device = null, string? backbone = null)
{
    private const int TimedBatch = 64;

    private readonly Device device = device ?? CPU;

    /// <summary>The result of a cell: the kept one, or a new one, which is then kept.</summary>
    /// <param name="cell">The cell.</param>
    /// <param name="progress">Told what is being done, for people.</param>
    /// <param name="cancellation">Stops the computation.</param>
    /// <exception cref="ExperimentException">The kept result is damaged, or the data set is not at hand.</exception>
    /// <exception cref="DatasetException">The data set is damaged or incomplete.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; models that are complete are kept.</exception>
    public CellResult Run(ExperimentCell cell, IProgress<string>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(cell);
        if (store.Read(cell) is { } kept) return kept;
        long started = Stopwatch.GetTimestamp();
        using AnomalyBenchmark benchmark = Open(cell, cancellation);
        progress?.Report($"{cell}: {cell.Measure.ToString().ToLowerInvariant()}");
        Findings findings = cell.Measure switch
        {
            CellMeasure.Robustness => Robustness(cell, benchmark, cancellation),
            CellMeasure.Likelihood => Likelihood(cell, benchmark, cancellation),
            CellMeasure.Generation => Generation(cell, benchmark, cancellation),
            _ => Epochs(cell, benchmark, cancellation),
        };
        string machine = ReportEnvironment.Current(device) is var here ? $"{here.Processor}, {here.Device}, {here.Threads} threads" : "";
        CellResult result = new(
            cell.Hash(), cell, Fingerprint(benchmark), findings.Normals, findings.Anomalies, findings.Values, findings.Remarks,
            new CellTiming(machine, Stopwatch.GetElapsedTime(started).TotalSeconds, findings.TrainingSeconds, findings.ScoringMilliseconds));
        store.Write(result);
        return result;
    }

    /// <summary>The trained detector of a cell, from the store or new; the caller disposes it. Its threshold holds for the similarity score only.</summary>
    /// <param name="cell">The cell.</param>
    /// <param name="train">Its training images.</param>
    /// <param name="cancellation">Stops the training.</param>
    internal CobraDetector Detector(ExperimentCell cell, ImageSet train, CancellationToken cancellation)
    {
        CobraOptions options = cell.Cobra;
        string path = store.ModelPath(cell);
        if (!File.Exists(path))
        {
            using CobraDetector trained = new CobraTrainer(options with { Score = CobraScore.Similarity }).Train(train, new TrainingSession
            {
                Device = device,
                CheckpointPath = path + ".checkpoint",
                Resume = true,
                Cancellation = cancellation,
            });
            trained.Save(path);
            File.Delete(path + ".checkpoint");
        }

        return CobraDetector.Load(path, device, options.Score);
    }

    /// <summary>The images of a cell; the caller disposes them.</summary>
    internal AnomalyBenchmark Open(ExperimentCell cell, CancellationToken cancellation)
    {
        PaperDataset dataset = PaperDatasets.Get(cell.Dataset);
        return dataset.Open(
            Folder(dataset), cell.Class, cell.Anomalies is null ? null : Folder(PaperDatasets.Get(cell.Anomalies)),
            new DatasetOptions { ImageSize = cell.ImageSize, MaxTrain = cell.MaxTrain, MaxTest = 2 * cell.SamplesPerClass, Seed = cell.Options.Seed }, cancellation);
    }

    /// <summary>The trained detector of a cell of any other method; the caller disposes it.</summary>
    private ITrainedDetector Other(ExperimentCell cell, ImageSet train, CancellationToken cancellation)
    {
        string path = store.ModelPath(cell);
        if (!File.Exists(path))
        {
            using ITrainedDetector trained = DetectionMethods.Train(WithBackbone(cell), train, new TrainingSession { Device = device, Cancellation = cancellation });
            trained.Save(path);
        }

        return DetectionMethods.Load(path, device);
    }

    /// <summary>The options of a cell with the weight file where it lies on this machine.</summary>
    private DetectorOptions WithBackbone(ExperimentCell cell)
    {
        if (cell.BackboneSha256 is not { } expected || cell.Options is not IBackboneUser user) return cell.Options;
        if (backbone is null || !File.Exists(backbone)) throw new ExperimentException($"{cell} needs the weight file {user.Backbone.File}, found {backbone ?? "none"}. Give it with --backbone.");
        string found = ModelArchive.Fingerprint(backbone);
        return found == expected
            ? user.With(user.Backbone with { File = backbone })
            : throw new ExperimentException($"{cell} was planned with the weights {expected[..16]} of {user.Backbone.File}; {backbone} holds {found[..16]}. Give the same file.");
    }

    private string Folder(PaperDataset dataset) => dataset.Find(data)
        ?? throw new ExperimentException($"{dataset.Title} is not in '{data}': expected a folder {string.Join(" or ", dataset.FolderNames.Prepend(dataset.Key))} with {dataset.Expected}. Get it from {dataset.Origin}.");

    private Findings Robustness(ExperimentCell cell, AnomalyBenchmark benchmark, CancellationToken cancellation)
    {
        using ITrainedDetector detector = cell.Options is CobraOptions ? Detector(cell, benchmark.Train, cancellation) : Other(cell, benchmark.Train, cancellation);
        Findings attacked = Attack(cell, detector, benchmark, cancellation);
        string remark = detector is CobraDetector cobra ? $"pseudo-anomalies: {cobra.Card.Health.PseudoAnomalies.Source}" : $"{DetectionMethods.Of(cell.Options).Title}: {detector.Name}, preset {cell.Options.Preset}";
        return attacked with { TrainingSeconds = detector.Card.TrainingSeconds, Remarks = [remark] };
    }

    private Findings Likelihood(ExperimentCell cell, AnomalyBenchmark benchmark, CancellationToken cancellation)
    {
        PseudoAnomalyGenerator generator = PseudoAnomalyGenerator.Build(
            benchmark.Train, cell.Cobra.PseudoAnomalies, new RandomStreams(cell.Options.Seed), device, cancellation: cancellation);
        using TransformationDetector detector = new(generator, device);
        return Attack(cell, detector, benchmark, cancellation);
    }

    private Findings Attack(ExperimentCell cell, IAnomalyDetector detector, AnomalyBenchmark benchmark, CancellationToken cancellation)
    {
        RobustnessEvaluator evaluator = new(
            detector, ThreatModel.Parse(cell.Threat), [.. cell.Attacks.Select(AttackRecipe.Parse)],
            new RobustnessOptions { SamplesPerClass = cell.SamplesPerClass, Seed = cell.Options.Seed });
        using RobustnessResult result = evaluator.Evaluate(benchmark, cancellation: cancellation);
        SortedDictionary<string, CellValue> values = new(StringComparer.Ordinal);
        Add("clean", result.Clean);
        foreach (AttackOutcome attack in result.Attacks) Add(attack.Name, attack.Worst);
        int anomalies = result.IsAnomalous.Count(isAnomalous => isAnomalous);
        return new Findings(values, result.IsAnomalous.Count - anomalies, anomalies, [], null, Milliseconds(detector, benchmark.Test));

        void Add(string name, ScoredImages images)
        {
            values[$"{name}.auroc"] = Value(images.Metrics.Auroc, images.Intervals.Auroc);
            values[$"{name}.aupr"] = Value(images.Metrics.AveragePrecision, images.Intervals.AveragePrecision);
            values[$"{name}.fpr95"] = Value(images.Metrics.Fpr95, images.Intervals.Fpr95);
        }

        static CellValue Value(double value, ConfidenceInterval interval) => new(value, interval.Low, interval.High);
    }

    private Findings Generation(ExperimentCell cell, AnomalyBenchmark benchmark, CancellationToken cancellation)
    {
        RandomStreams streams = new(cell.Options.Seed);
        using PseudoAnomalyGenerator generator = PseudoAnomalyGenerator.Build(benchmark.Train, cell.Cobra.PseudoAnomalies, streams, device, cancellation: cancellation);
        using PseudoAnomalySupply? other = cell.Cobra.AnomalySource == PseudoAnomalySources.Ours ? null : PseudoAnomalySources.Build(
            cell.Cobra.AnomalySource, cell.Cobra.ClaimedOrigin, benchmark.Train, cell.Cobra.PseudoAnomalies, streams, device, cancellation: cancellation);
        using Generator rng = streams.Create("generation quality");
        GenerationQuality quality = GenerationQuality.Measure(
            other?.Source ?? generator, benchmark.Train, generator.Features, "transformation classifier C of this data set", rng,
            Math.Min(NeighbourhoodQuality.DefaultNeighbours, benchmark.Train.Count - 1), device, cancellation);
        SortedDictionary<string, CellValue> values = new(StringComparer.Ordinal)
        {
            ["frechet"] = new(quality.Frechet),
            ["density"] = new(quality.Neighbourhoods.Density),
            ["coverage"] = new(quality.Neighbourhoods.Coverage),
        };
        return new Findings(
            values, quality.Images, quality.Images, [$"features of the {quality.Backbone}, {quality.FeatureSize} wide", $"pseudo-anomalies: {quality.Source}"], null, null);
    }

    private Findings Epochs(ExperimentCell cell, AnomalyBenchmark benchmark, CancellationToken cancellation)
    {
        EpochRecorder recorder = new(store.ModelPath(cell) + ".epochs", cell, benchmark, device);
        Directory.CreateDirectory(Path.GetDirectoryName(recorder.CheckpointPath)!);
        using CobraDetector detector = new CobraTrainer(cell.Cobra).Train(
            benchmark.Train, new TrainingSession { Device = device, CheckpointPath = recorder.CheckpointPath, Progress = recorder, Cancellation = cancellation });
        File.Delete(recorder.CheckpointPath);
        int anomalies = benchmark.TestIsAnomalous.Count(isAnomalous => isAnomalous);
        return new Findings(recorder.Values, benchmark.Test.Count - anomalies, anomalies, [], detector.Card.Health.TrainingSeconds, null);
    }

    private double Milliseconds(IAnomalyDetector detector, ImageSet images)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        Tensor batch = images.Batch(0, TimedBatch, device);
        detector.Score(batch).cpu();
        const int passes = 3;
        long started = Stopwatch.GetTimestamp();
        for (int pass = 0; pass < passes; pass++) detector.Score(batch).cpu();
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds / (passes * batch.size(0));
    }

    private static string Fingerprint(AnomalyBenchmark benchmark) => Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(benchmark.Train.Fingerprint + benchmark.Test.Fingerprint)));

    private sealed record Findings(
        IReadOnlyDictionary<string, CellValue> Values, int Normals, int Anomalies, IReadOnlyList<string> Remarks, double? TrainingSeconds, double? ScoringMilliseconds);
}
