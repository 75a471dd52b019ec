using CobraAD.Evaluation.Audit;

namespace CobraAD.Reporting;

/// <summary>One check of the robustness audit, which looks for reasons to distrust the robust numbers.</summary>
/// <param name="Number">Its number in the audit.</param>
/// <param name="Name">What is checked.</param>
/// <param name="Status">What became of it.</param>
/// <param name="Measured">The number or numbers that were found, e.g. "AUROC 0.4 %"; empty when skipped.</param>
/// <param name="Criterion">What must hold to pass.</param>
/// <param name="Meaning">One sentence: what the outcome says, or why the check was skipped.</param>
public sealed record ReportCheck(int Number, string Name, ReportCheckStatus Status, string Measured, string Criterion, string Meaning)
{
    /// <summary>The checks of an audit.</summary>
    /// <param name="audit">What the audit found.</param>
    public static IReadOnlyList<ReportCheck> From(AuditResult audit)
    {
        ArgumentNullException.ThrowIfNull(audit);
        return [.. audit.Checks.Select(check => new ReportCheck(check.Number, check.Name, Map(check.Status), check.Measured, check.Criterion, check.Meaning))];
    }

    private static ReportCheckStatus Map(AuditStatus status) => status switch
    {
        AuditStatus.Pass => ReportCheckStatus.Pass,
        AuditStatus.Flag => ReportCheckStatus.Flag,
        _ => ReportCheckStatus.Skipped,
    };
}
