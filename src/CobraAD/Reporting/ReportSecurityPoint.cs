using CobraAD.Evaluation.Robustness;

namespace CobraAD.Reporting;

/// <summary>How a detector does when the attacker may move every image by <paramref name="Epsilon"/>.</summary>
/// <param name="Epsilon">Radius in units of the full pixel range.</param>
/// <param name="Auroc">Area under the ROC curve under all attacks at this radius and below.</param>
/// <param name="FalseAlarmRate">Share of normal images above the threshold; <see langword="null"/> without a threshold.</param>
/// <param name="EscapeRate">Share of anomalous images that escape; <see langword="null"/> without a threshold.</param>
public sealed record ReportSecurityPoint(double Epsilon, ReportMetric Auroc, double? FalseAlarmRate = null, double? EscapeRate = null)
{
    /// <summary>The points of a measured curve.</summary>
    /// <param name="curve">The curve.</param>
    public static IReadOnlyList<ReportSecurityPoint> From(SecurityCurve curve)
    {
        ArgumentNullException.ThrowIfNull(curve);
        return
        [
            .. curve.Points.Select(point => new ReportSecurityPoint(
                point.Radius, ReportMetric.From(point.Worst.Metrics.Auroc, point.Worst.Intervals.Auroc),
                point.Worst.AtThreshold?.FalseAlarmRate, point.Worst.AtThreshold?.EscapeRate)),
        ];
    }
}
