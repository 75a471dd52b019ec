using System.Diagnostics;
using System.Security.Cryptography;
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
    /// <summary>The values without attack, and of the worst that all attacks together found.</summary>
    public const string Clean = "clean", Union = "union";

    private const int TimedBatch = 64;

    /// <summary>What the cell's attacks leave of a detector, and how long it scores.</summary>
    public static CellFindings Measure(ExperimentCell cell, IAnomalyDetector detector, AnomalyBenchmark benchmark, Device device, CancellationToken cancellation)
    {
        IReadOnlyList<RobustnessResult> results = cell.Radii is null
            ? [Evaluate(cell, detector, benchmark, cell.SamplesPerClass, cancellation)]
            : Curve(cell, detector, benchmark, cancellation);
        try
        {
            SortedDictionary<string, ScoredImages> conditions = new(StringComparer.Ordinal);
            for (int i = 0; i < results.Count; i++)
            {
                string at = cell.Radii is null ? "" : $"{cell.Radii[i]}.";
                if (i == 0) conditions[Clean] = results[i].Clean;
                // A radius takes over what smaller ones found, which only the union of all attacks knows.
                if (cell.Radii is null) foreach (AttackOutcome attack in results[i].Attacks) conditions[attack.Name] = attack.Worst;
                conditions[$"{at}{Union}"] = results[i].Union;
            }

            RobustnessResult any = results[0];
            int anomalies = any.IsAnomalous.Count(isAnomalous => isAnomalous);
            return new CellFindings(Values(conditions), any.IsAnomalous.Count - anomalies, anomalies)
            {
                Scores = new CellScores(
                    [.. any.Sample.Select(image => Mark(benchmark.Test, image))], any.IsAnomalous,
                    conditions.ToDictionary(condition => condition.Key, condition => condition.Value.Scores)),
                ScoringMilliseconds = Milliseconds(detector, benchmark.Test, device),
                Remarks =
                [
                    .. results.SelectMany(result => result.Attacks).Where(attack => attack.UnusableGradients > 0)
                        .Select(attack => $"{detector.Name} under {attack.QualifiedName}: there it stepped at random").Distinct(),
                ],
            };
        }
        finally
        {
            foreach (RobustnessResult result in results) result.Dispose();
        }
    }

    /// <summary>Runs the cell's attacks; the caller disposes the result.</summary>
    public static RobustnessResult Evaluate(
        ExperimentCell cell, IAnomalyDetector detector, AnomalyBenchmark benchmark, int? samplesPerClass, CancellationToken cancellation = default)
    {
        RobustnessEvaluator evaluator = new(detector, ThreatModel.Parse(cell.Threat), Recipes(cell), Options(cell, samplesPerClass));
        return evaluator.Evaluate(benchmark, cancellation: cancellation);
    }

    /// <summary>Runs the cell's attacks under each of its radii, ascending; the caller disposes the results.</summary>
    private static IReadOnlyList<RobustnessResult> Curve(ExperimentCell cell, IAnomalyDetector detector, AnomalyBenchmark benchmark, CancellationToken cancellation)
    {
        SecurityCurveEvaluator evaluator = new(
            detector, ThreatModel.Parse(cell.Threat).Norm, [.. cell.Radii!.Select(ThreatModel.ParseEpsilon)], Recipes(cell), Options(cell, cell.SamplesPerClass));
        return evaluator.Evaluate(benchmark, cancellation: cancellation);
    }

    private static IAttack[] Recipes(ExperimentCell cell) => [.. cell.Attacks.Select(AttackRecipe.Parse)];

    private static RobustnessOptions Options(ExperimentCell cell, int? samplesPerClass) => new() { SamplesPerClass = samplesPerClass, Seed = cell.Options.Seed };

    private static SortedDictionary<string, CellValue> Values(IReadOnlyDictionary<string, ScoredImages> conditions)
    {
        SortedDictionary<string, CellValue> values = new(StringComparer.Ordinal);
        foreach ((string name, ScoredImages images) in conditions)
        {
            values[$"{name}.auroc"] = CellValue.Of(images.Metrics.Auroc, images.Intervals.Auroc);
            values[$"{name}.aupr"] = CellValue.Of(images.Metrics.AveragePrecision, images.Intervals.AveragePrecision);
            values[$"{name}.fpr95"] = CellValue.Of(images.Metrics.Fpr95, images.Intervals.Fpr95);
        }

        return values;
    }

    private static string Mark(ImageSet images, int image) => Convert.ToHexStringLower(SHA256.HashData(images.InterleavedPixels(image)))[..16];

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
