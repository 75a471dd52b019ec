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
    /// <summary>
    /// Stratified bootstrap: normal and anomalous images are resampled each among themselves. The interval is that of the percentiles, moved by
    /// the bootstrap's own bias (its median less the estimate), because a resample has copies, copies are ties, and ties move the average
    /// precision: without that an interval of many images may lie beside its estimate. Where no resample differs, as with every perfect ranking,
    /// each class is resampled with one image more that is as wrong as can be: its share is the rule of three.
    /// </summary>
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
        DetectionMetrics found = levels.Metrics();
        DetectionMetrics[] resampled = Resample(levels);
        Lazy<DetectionMetrics[]> withWrong = new(() => Resample(WithOneWrong(anomaliesHigh: false))), withRight = new(() => Resample(WithOneWrong(anomaliesHigh: true)));
        return new MetricIntervals(
            Interval(m => m.Auroc), Interval(m => m.AveragePrecision), Interval(m => m.AveragePrecisionNormal),
            Interval(m => m.Fpr95), Interval(m => m.Fpr95NormalsAccepted));

        DetectionMetrics[] Resample(ScoreLevels from)
        {
            Random random = new(seed.GetHashCode());
            return [.. Enumerable.Range(0, replicates).Select(_ => from.Resample(random))];
        }

        ScoreLevels WithOneWrong(bool anomaliesHigh)
        {
            (double lowest, double highest) = (Math.BitDecrement(scores.Min()), Math.BitIncrement(scores.Max()));
            return new ScoreLevels([.. scores, anomaliesHigh ? highest : lowest, anomaliesHigh ? lowest : highest], [.. isAnomalous, true, false]);
        }

        ConfidenceInterval Interval(Func<DetectionMetrics, double> metric)
        {
            double value = metric(found);
            double[] sorted = [.. resampled.Select(metric).Order()];
            if (sorted[0] == sorted[^1])
            {
                // The estimate is at a bound of what the metric can be, and the truth lies on the other side of it.
                double[] wrong = [.. withWrong.Value.Concat(withRight.Value).Select(metric).Order()];
                (double low, double high) = (Quantile.Interpolated(wrong, 0.0125), Quantile.Interpolated(wrong, 0.9875));
                return new ConfidenceInterval(Math.Min(value, low), Math.Max(value, high));
            }

            double bias = Quantile.Interpolated(sorted, 0.5) - value;
            return new ConfidenceInterval(
                Math.Clamp(Quantile.Interpolated(sorted, 0.025) - bias, 0, value), Math.Clamp(Quantile.Interpolated(sorted, 0.975) - bias, value, 1));
        }
    }
}
