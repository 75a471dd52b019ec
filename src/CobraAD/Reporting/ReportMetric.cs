using CobraAD.Evaluation.Metrics;

namespace CobraAD.Reporting;

/// <summary>A share in [0, 1] with its 95 % bootstrap interval over the test images.</summary>
/// <param name="Value">Measured on all test images.</param>
/// <param name="Low">Lower end of the interval.</param>
/// <param name="High">Upper end of the interval.</param>
public sealed record ReportMetric(double Value, double Low, double High)
{
    // Averages of shares may leave [0, 1] by a rounding error; NaN stays NaN and is refused when the report is written.
    internal static ReportMetric From(double value, ConfidenceInterval interval) =>
        new(Math.Clamp(value, 0, 1), Math.Clamp(interval.Low, 0, 1), Math.Clamp(interval.High, 0, 1));
}
