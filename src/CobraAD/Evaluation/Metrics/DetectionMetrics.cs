namespace CobraAD.Evaluation.Metrics;

/// <summary>How well scores separate anomalous from normal images, over all thresholds. Anomalies are the positives; a larger score is more anomalous.</summary>
/// <param name="Auroc">
/// P(anomaly scores above normal) + ½·P(tie), in [0, 1]: the Mann-Whitney form with mid-ranks.
/// </param>
/// <param name="AveragePrecision">Σ (R_n - R_{n-1})·P_n over the distinct scores, in [0, 1]; it depends on the share of anomalies.</param>
/// <param name="AveragePrecisionNormal">The same with normal images as positives and the order reversed.</param>
/// <param name="AuprTrapezoid">Area under the precision-recall curve by the trapezoid rule, starting from precision 1 at recall 0.</param>
/// <param name="Fpr95">Share of normal images at or above the largest score that at least 95 % of the anomalies reach (the paper's FPR95).</param>
/// <param name="Fpr95Threshold">That score.</param>
/// <param name="Fpr95NormalsAccepted">
/// The commoner convention: share of anomalies at or below the smallest score that accepts at least 95 % of the normal images.
/// </param>
/// <param name="Fpr95NormalsAcceptedThreshold">That score.</param>
public sealed record DetectionMetrics(
    double Auroc, double AveragePrecision, double AveragePrecisionNormal, double AuprTrapezoid,
    double Fpr95, double Fpr95Threshold, double Fpr95NormalsAccepted, double Fpr95NormalsAcceptedThreshold)
{
    /// <summary>Computes all metrics in O(n log n).</summary>
    /// <param name="scores">The score of each image.</param>
    /// <param name="isAnomalous">The label of each image.</param>
    /// <exception cref="ArgumentException">The lengths differ, a class is empty, or a score is NaN.</exception>
    public static DetectionMetrics Compute(IReadOnlyList<double> scores, IReadOnlyList<bool> isAnomalous) =>
        new ScoreLevels(scores, isAnomalous).Metrics();
}
