using CobraAD.Numerics;

namespace CobraAD.Evaluation.Metrics;

/// <summary>95 % intervals of the metrics over resampled test images; the detector and the attack stay as they are.</summary>
/// <param name="Auroc">Of the AUROC.</param>
/// <param name="AveragePrecision">Of the average precision, anomalies positive.</param>
/// <param name="AveragePrecisionNormal">Of the average precision, normal images positive.</param>
/// <param name="Fpr95">Of the FPR at 95 % detected anomalies.</param>
/// <param name="Fpr95NormalsAccepted">Of the missed anomalies at 95 % accepted normal images.</param>
public sealed record MetricIntervals(
    ConfidenceInterval Auroc, ConfidenceInterval AveragePrecision, ConfidenceInterval AveragePrecisionNormal,
    ConfidenceInterval Fpr95, ConfidenceInterval Fpr95NormalsAccepted)
{
    /// <summary>Stratified percentile bootstrap: normal and anomalous images are resampled each among themselves.</summary>
    /// <param name="scores">The score of each image.</param>
    /// <param name="isAnomalous">The label of each image.</param>
    /// <param name="replicates">How many resamplings, at least 100.</param>
    /// <param name="seed">The same seed gives the same intervals.</param>
    /// <exception cref="ArgumentException">The lengths differ, a class is empty, or a score is NaN.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer than 100 replicates.</exception>
    public static MetricIntervals Bootstrap(IReadOnlyList<double> scores, IReadOnlyList<bool> isAnomalous, int replicates = 1000, long seed = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(replicates, 100);
        ScoreLevels levels = new(scores, isAnomalous);
        Random random = new(seed.GetHashCode());
        DetectionMetrics[] resampled = [.. Enumerable.Range(0, replicates).Select(_ => levels.Resample(random))];
        return new MetricIntervals(
            Interval(m => m.Auroc), Interval(m => m.AveragePrecision), Interval(m => m.AveragePrecisionNormal),
            Interval(m => m.Fpr95), Interval(m => m.Fpr95NormalsAccepted));

        ConfidenceInterval Interval(Func<DetectionMetrics, double> metric)
        {
            double[] sorted = [.. resampled.Select(metric).Order()];
            return new ConfidenceInterval(Quantile.Interpolated(sorted, 0.025), Quantile.Interpolated(sorted, 0.975));
        }
    }
}
