namespace CobraAD.Reporting;

/// <summary>One threshold's place on a ROC curve.</summary>
/// <param name="FalseAlarmRate">Share of normal images at or above the threshold.</param>
/// <param name="DetectionRate">Share of anomalous images at or above it.</param>
public sealed record RocPoint(double FalseAlarmRate, double DetectionRate);
