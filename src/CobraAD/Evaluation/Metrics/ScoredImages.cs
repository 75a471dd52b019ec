using CobraAD.Evaluation.Robustness;
using CobraAD.Torch;

namespace CobraAD.Evaluation.Metrics;

/// <summary>Scores of the test images under one condition (untouched, one attack, all attacks) and what follows from them.</summary>
/// <param name="Scores">The score of each image, in the order of the sample.</param>
/// <param name="Metrics">Over all thresholds.</param>
/// <param name="Intervals">95 % intervals of the metrics.</param>
/// <param name="AtThreshold">At the detector's calibrated threshold; <see langword="null"/> when it has none.</param>
public sealed record ScoredImages(
    IReadOnlyList<double> Scores, DetectionMetrics Metrics, MetricIntervals Intervals, ThresholdErrors? AtThreshold)
{
    internal static ScoredImages Of(
        IReadOnlyList<double> scores, IReadOnlyList<double> cleanScores, IReadOnlyList<bool> isAnomalous, double? threshold, RobustnessOptions options) => new(
        [.. scores],
        DetectionMetrics.Compute(scores, isAnomalous),
        MetricIntervals.Bootstrap(scores, isAnomalous, options.BootstrapReplicates, new RandomStreams(options.Seed).Derive("bootstrap") & int.MaxValue),
        threshold is double operating ? ThresholdErrors.At(operating, scores, cleanScores, isAnomalous) : null);
}
