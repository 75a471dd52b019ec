using System.Text.Json.Serialization;

namespace CobraAD.Evaluation.Corruptions;

/// <summary>How a detector does under one corruption at one severity.</summary>
/// <param name="Name">The corruption.</param>
/// <param name="Severity">1 to 5; 0 for the untouched images.</param>
/// <param name="Auroc">Area under the ROC curve; normal and anomalous images are corrupted alike.</param>
/// <param name="FalseAlarmRate">Share of normal images above the calibrated threshold; <see langword="null"/> without one.</param>
/// <param name="EscapeRate">Share of anomalous images at or below it; <see langword="null"/> without one.</param>
public sealed record CorruptionOutcome(
    string Name, int Severity, double Auroc, double? FalseAlarmRate, [property: JsonPropertyName("missRate")] double? EscapeRate);
