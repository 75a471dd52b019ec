using System.Diagnostics;
using CobraAD.Attacks;
using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Evaluation.Metrics;
using CobraAD.Evaluation.Robustness;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Experiments.Cells.Measures;

/// <summary>Attacks a detector as a cell says.</summary>
internal static class CellAttack
{
    private const int TimedBatch = 64;

    /// <summary>What the cell's attacks leave of a detector, and how long it scores.</summary>
    public static CellFindings Measure(ExperimentCell cell, IAnomalyDetector detector, AnomalyBenchmark benchmark, Device device, CancellationToken cancellation)
    {
        using RobustnessResult result = Evaluate(cell, detector, benchmark, cell.SamplesPerClass, cancellation);
        SortedDictionary<string, CellValue> values = new(StringComparer.Ordinal);
        Add("clean", result.Clean);
        foreach (AttackOutcome attack in result.Attacks) Add(attack.Name, attack.Worst);
        int anomalies = result.IsAnomalous.Count(isAnomalous => isAnomalous);
        return new CellFindings(values, result.IsAnomalous.Count - anomalies, anomalies)
        {
            ScoringMilliseconds = Milliseconds(detector, benchmark.Test, device),
            Remarks = [.. result.Attacks.Where(attack => attack.UnusableGradients > 0).Select(attack => $"{detector.Name} under {attack.QualifiedName}: there it stepped at random")],
        };

        void Add(string name, ScoredImages images)
        {
            values[$"{name}.auroc"] = CellValue.Of(images.Metrics.Auroc, images.Intervals.Auroc);
            values[$"{name}.aupr"] = CellValue.Of(images.Metrics.AveragePrecision, images.Intervals.AveragePrecision);
            values[$"{name}.fpr95"] = CellValue.Of(images.Metrics.Fpr95, images.Intervals.Fpr95);
        }
    }

    /// <summary>Runs the cell's attacks; the caller disposes the result.</summary>
    public static RobustnessResult Evaluate(
        ExperimentCell cell, IAnomalyDetector detector, AnomalyBenchmark benchmark, int? samplesPerClass, CancellationToken cancellation = default)
    {
        RobustnessEvaluator evaluator = new(
            detector, ThreatModel.Parse(cell.Threat), [.. cell.Attacks.Select(AttackRecipe.Parse)],
            new RobustnessOptions { SamplesPerClass = samplesPerClass, Seed = cell.Options.Seed });
        return evaluator.Evaluate(benchmark, cancellation: cancellation);
    }

    private static double Milliseconds(IAnomalyDetector detector, ImageSet images, Device device)
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
}
