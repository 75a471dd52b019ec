using CobraAD.Evaluation.Audit;

namespace CobraAD.Reporting.Rendering;

/// <summary>What a report says in one or two sentences; written from its numbers alone, the same words in every format.</summary>
internal static class Verdict
{
    /// <summary>The result.</summary>
    public static string Headline(RobustnessReport report)
    {
        ReportDetector first = report.Detectors[0];
        string clean = ReportNumbers.Percent(first.Clean.Auroc.Value), attacked = ReportNumbers.Percent(first.Union.Auroc.Value);
        string what = report.Threat.Norm == "linf" ? "every pixel" : "every image";
        string start = $"{first.Name} separates normal from anomalous images with {clean} AUROC, and with {attacked} when an attacker may change {what} within {report.Threat}.";
        if (report.Detectors.Count == 1) return start;

        ReportDetector second = report.Detectors[1];
        return $"{start} For comparison: {second.Name} goes from {ReportNumbers.Percent(second.Clean.Auroc.Value)} to {ReportNumbers.Percent(second.Union.Auroc.Value)} under the same attacks.";
    }

    /// <summary>Whether the result can be trusted: broken invariants first, then the audit.</summary>
    public static (AuditStatus Status, string Text) Trust(RobustnessReport report)
    {
        int broken = report.Invariants.Count(invariant => !invariant.Holds);
        if (broken > 0)
            return (AuditStatus.Flag, $"{Plural(broken, "invariant does", "invariants do")} not hold: something is wrong with this evaluation. Do not use its numbers.");

        AuditCheck[] checks = [.. report.Detectors.SelectMany(detector => detector.Audit)];
        int passed = checks.Count(check => check.Status == AuditStatus.Pass);
        int flagged = checks.Count(check => check.Status == AuditStatus.Flag);
        int undecided = checks.Count(check => check.Status == AuditStatus.Undecided), skipped = checks.Length - passed - flagged - undecided;
        if (checks.Length == 0) return (AuditStatus.Skipped, "No audit was run: gradient masking has not been ruled out.");
        if (flagged > 0)
            return (AuditStatus.Flag, $"The audit flags {Plural(flagged, "check", "checks")} of {checks.Length}: read them before trusting the attacked numbers.");
        if (undecided > 0)
            return (AuditStatus.Undecided, $"The audit passes {passed} of {checks.Length} checks; these images do not decide {undecided}: take more, or a larger budget.");
        return skipped > 0
            ? (AuditStatus.Pass, $"The audit passes {passed} of {checks.Length} checks; {skipped} {(skipped == 1 ? "was" : "were")} skipped.")
            : (AuditStatus.Pass, $"The audit passes all {checks.Length} checks.");
    }

    /// <summary>What limits every such result, and then what the report's maker noted.</summary>
    public static IReadOnlyList<string> Notes(RobustnessReport report) =>
    [
        "An attacked number is an upper bound: it is the worst that these attacks found, and a stronger attack may find worse.",
        $"Intervals hold 95% of bootstrap resamplings of the {report.Data.Normals} normal and {report.Data.Anomalies} anomalous test images. They say nothing about another training run or another data set.",
        .. report.Notes,
    ];

    private static string Plural(int count, string one, string many) => $"{count} {(count == 1 ? one : many)}";
}
