using CobraAD.Evaluation.Corruptions;

namespace CobraAD.Reporting;

/// <summary>How a detector does under one corruption at one severity.</summary>
/// <param name="Name">The corruption.</param>
/// <param name="Severity">1 to 5; 0 for the untouched images.</param>
/// <param name="Auroc">Area under the ROC curve.</param>
/// <param name="FalseAlarmRate">Share of normal images above the threshold; <see langword="null"/> without a threshold.</param>
/// <param name="EscapeRate">Share of anomalous images that escape; <see langword="null"/> without a threshold.</param>
public sealed record ReportCorruption(string Name, int Severity, double Auroc, double? FalseAlarmRate = null, double? EscapeRate = null)
{
    /// <summary>The untouched images, then every corruption at every severity.</summary>
    /// <param name="result">What the benchmark found.</param>
    public static IReadOnlyList<ReportCorruption> From(CorruptionResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        return
        [
            .. result.Outcomes.Prepend(result.Clean).Select(outcome => new ReportCorruption(
                outcome.Name, outcome.Severity, Math.Clamp(outcome.Auroc, 0, 1), outcome.FalseAlarmRate, outcome.EscapeRate)),
        ];
    }
}
