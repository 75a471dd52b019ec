using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Methods;
using CobraAD.Methods.Cobra;
using static TorchSharp.torch;

namespace CobraAD.Experiments.Cells.Measures;

/// <summary>Trains the cell's method, attacks the detector, and measures what is left.</summary>
internal static class RobustnessMeasure
{
    public static CellFindings Run(ExperimentCell cell, AnomalyBenchmark benchmark, CellModels models, Device device, CancellationToken cancellation)
    {
        using ITrainedDetector detector = models.Detector(cell, benchmark.Train, cancellation);
        CellFindings attacked = CellAttack.Measure(cell, detector, benchmark, device, cancellation);
        IEnumerable<string> remarks = detector is CobraDetector cobra
            ? [$"pseudo-anomalies: {cobra.Card.Health.PseudoAnomalies.Source}", .. FewUpdates(cell, benchmark)]
            : [$"{DetectionMethods.Of(cell.Options).Title}: {detector.Name}, preset {cell.Options.Preset}"];
        return attacked with { TrainingSeconds = detector.Card.TrainingSeconds, Remarks = [.. remarks, .. attacked.Remarks] };
    }

    /// <summary>The paper counts passes over the set; of a small one they are few updates (decision D30).</summary>
    private static IEnumerable<string> FewUpdates(ExperimentCell cell, AnomalyBenchmark benchmark)
    {
        if (!cell.Cobra.HasFewUpdates(benchmark.Train.Count)) yield break;
        yield return $"{cell.Dataset}{(cell.Class is null ? "" : $" {cell.Class}")}: {cell.Cobra.Epochs} epochs of {benchmark.Train.Count} images are {cell.Cobra.Updates(benchmark.Train.Count)} updates of COBRA; the released code repeats small sets to 10,000 images an epoch, and --items-per-epoch does so here";
    }
}
