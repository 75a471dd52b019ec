using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using CobraAD.Datasets;
using CobraAD.Datasets.Paper;
using CobraAD.Experiments.Cells.Measures;
using CobraAD.Reporting;
using static TorchSharp.torch;

namespace CobraAD.Experiments.Cells;

/// <summary>Computes cells.</summary>
/// <param name="data">The folder of data sets.</param>
/// <param name="store">Where results and shared models are kept.</param>
/// <param name="device">Where networks run; the CPU when <see langword="null"/>.</param>
/// <param name="backbone">The weight file of cells whose method needs one; its content must be what they were planned with.</param>
internal sealed class CellRunner(string data, CellStore store, Device? device = null, string? backbone = null)
{
    private readonly Device device = device ?? CPU;

    /// <summary>The trained detectors that cells share.</summary>
    internal CellModels Models { get; } = new(store, device ?? CPU, backbone);

    /// <summary>Computes a cell that the store does not have, and keeps its result there.</summary>
    /// <param name="planned">The cell.</param>
    /// <param name="cancellation">Stops the computation.</param>
    /// <exception cref="ExperimentException">The kept result is damaged, or the data set is not at hand.</exception>
    /// <exception cref="DatasetException">The data set is damaged or incomplete.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; models that are complete are kept.</exception>
    public void Run(PlannedCell planned, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(planned);
        _ = Result(planned.Cell, cancellation);
    }

    /// <summary>The result of a cell: the kept one, or a new one, which is then kept.</summary>
    internal CellResult Result(ExperimentCell cell, CancellationToken cancellation = default)
    {
        if (store.Read(cell) is { } kept) return kept;
        long started = Stopwatch.GetTimestamp();
        using AnomalyBenchmark benchmark = Open(cell, cancellation);
        CellFindings findings = cell.Measure switch
        {
            CellMeasure.Robustness => RobustnessMeasure.Run(cell, benchmark, Models, device, cancellation),
            CellMeasure.Likelihood => LikelihoodMeasure.Run(cell, benchmark, device, cancellation),
            CellMeasure.Generation => GenerationMeasure.Run(cell, benchmark, device, cancellation),
            _ => EpochMeasure.Run(cell, benchmark, store.ModelPath(cell) + ".epochs", device, cancellation),
        };
        ReportEnvironment here = ReportEnvironment.Current(device);
        CellResult result = new(
            cell.Hash(), cell, Fingerprint(benchmark), findings.Normals, findings.Anomalies, findings.Values, findings.Remarks,
            new CellTiming(
                $"{here.Processor}, {here.Device}, {here.Threads} threads", Stopwatch.GetElapsedTime(started).TotalSeconds, findings.TrainingSeconds, findings.ScoringMilliseconds))
        {
            Scores = findings.Scores,
        };
        store.Write(result);
        return result;
    }

    /// <summary>The images of a cell; the caller disposes them.</summary>
    internal AnomalyBenchmark Open(ExperimentCell cell, CancellationToken cancellation)
    {
        PaperDataset dataset = PaperDatasets.Get(cell.Dataset);
        return dataset.Open(
            Folder(dataset), cell.Class, cell.Anomalies is null ? null : Folder(PaperDatasets.Get(cell.Anomalies)),
            new DatasetOptions { ImageSize = cell.ImageSize, MaxTrain = cell.MaxTrain, MaxTest = 2 * cell.SamplesPerClass, Seed = cell.Options.Seed }, cancellation);
    }

    private string Folder(PaperDataset dataset) => dataset.Find(data)
        ?? throw new ExperimentException($"{dataset.Title} is not in '{data}': expected a folder {string.Join(" or ", dataset.FolderNames.Prepend(dataset.Key))} with {dataset.Expected}. Get it from {dataset.Origin}.");

    private static string Fingerprint(AnomalyBenchmark benchmark) => Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(benchmark.Train.Fingerprint + benchmark.Test.Fingerprint)));
}
