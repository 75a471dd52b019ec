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
        string remark = detector is CobraDetector cobra
            ? $"pseudo-anomalies: {cobra.Card.Health.PseudoAnomalies.Source}"
            : $"{DetectionMethods.Of(cell.Options).Title}: {detector.Name}, preset {cell.Options.Preset}";
        return attacked with { TrainingSeconds = detector.Card.TrainingSeconds, Remarks = [remark, .. attacked.Remarks] };
    }
}
