namespace CobraAD.Reporting;

/// <summary>A share in [0, 1] with its 95 % bootstrap interval over the test images.</summary>
/// <param name="Value">Measured on all test images.</param>
/// <param name="Low">Lower end of the interval.</param>
/// <param name="High">Upper end of the interval.</param>
public sealed record ReportMetric(double Value, double Low, double High);
