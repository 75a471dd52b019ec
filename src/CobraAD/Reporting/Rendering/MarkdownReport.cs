using System.Globalization;
using System.Text;
using CobraAD.Evaluation.Audit;

namespace CobraAD.Reporting.Rendering;

/// <summary>Writes a report's text and tables as Markdown, for issues, wikis and version control. Pictures are left to the page.</summary>
internal static class MarkdownReport
{
    /// <summary>The document.</summary>
    /// <param name="report">What to write.</param>
    /// <exception cref="ArgumentException">The report has no detector, or a number that is drawn is not finite.</exception>
    public static string Render(RobustnessReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        report.Validate();
        StringBuilder text = new();
        (AuditStatus status, string trust) = Verdict.Trust(report);
        Line($"# {Escape(report.Title)}");
        foreach (string warning in report.Warnings) Line($"> **Warning.** {Escape(warning)}");
        Line($"{Escape(Verdict.Headline(report))}");
        Line($"**{Word(status)}.** {Escape(trust)}");

        foreach (ReportDetector detector in report.Detectors)
        {
            Line($"## {Escape(detector.Name)}");
            if (detector.Description.Length > 0) Line(Escape(detector.Description));
            Table(
                [$"Attack within {report.Threat}", "AUROC [95%]", "AUPR [95%]", "FPR95 [95%]", "False alarms", "Escapes", "Forward", "Backward", "Time"],
                detector.Attacks.Prepend(detector.Clean).Concat(detector.Attacks.Count == 1 ? [] : [detector.Union]).Select(condition => (string[])
                [
                    condition.Recipe.Length > 0 && condition.Recipe != condition.Name ? $"{condition.Name} `{condition.Recipe}`" : condition.Name,
                    Metric(condition.Auroc), Metric(condition.Aupr), Metric(condition.Fpr95),
                    ReportNumbers.Percent(condition.FalseAlarmRate), ReportNumbers.Percent(condition.EscapeRate),
                    ReportNumbers.Count(condition.ForwardPasses), ReportNumbers.Count(condition.BackwardPasses), ReportNumbers.Duration(condition.Seconds),
                ]));
            if (detector.SecurityCurve.Count > 0)
            {
                Line("### Security curve");
                Table(["ε", "AUROC [95%]", "False alarms", "Escapes"], detector.SecurityCurve.OrderBy(point => point.Epsilon).Select(point => (string[])
                    [report.Threat.Radius(point.Epsilon), Metric(point.Auroc), ReportNumbers.Percent(point.FalseAlarmRate), ReportNumbers.Percent(point.EscapeRate)]));
            }

            if (detector.Certificate is { } certificate)
            {
                Line("### Certified against every attack");
                Line(Escape($"{ReportNumbers.Percent(certificate.Auroc)} untouched. {certificate.Statement} {CertificateSection.Scope(report)}"));
                Table(["Radius (ℓ₂)", "AUROC, certified", "AUROC, attacked"], CertificateSection.Rows(report, detector).Select(row => (string[])[row.Radius, row.Certified, row.Attacked]));
            }

            if (detector.Corruptions.Count > 0)
            {
                Line("### Common corruptions");
                Table(
                    ["AUROC at severity", .. CorruptionRow.Severities(detector).Select(severity => severity.ToString(CultureInfo.InvariantCulture)), "False alarms", "Escapes"],
                    CorruptionRow.Of(detector).Select(row => (string[])[row.Name, .. row.Aurocs, row.FalseAlarms, row.Escapes]));
            }

            if (ScoreSection.IsChosen(detector))
            {
                Line("### How the score was chosen");
                Line(ScoreSection.Explanation);
                Table(ScoreSection.Heads(detector.Score!), ScoreSection.Rows(detector.Score!).Select(row => (string[])[.. row]));
            }

            if (detector.Localization is { } located) Line(Escape(LocalizationSection.Sentence(located)));
            if (detector.Audit.Count > 0)
            {
                Line("### Audit");
                if (detector.AuditRun is { } run) Line(Escape(run.ToString()));
                Table(["No.", "Check", "Outcome", "Measured", "Passes when", "Meaning"], detector.Audit.Select(check => (string[])
                    [check.Number.ToString(CultureInfo.InvariantCulture), check.Name, Word(check.Status), check.Measured, check.Criterion, check.Meaning]));
            }
        }

        if (report.Invariants.Count > 0)
        {
            Line("## Invariants");
            Table(["Must hold", "Outcome", "Numbers"], report.Invariants.Select(invariant => (string[])[invariant.Name, invariant.Holds ? "HOLDS" : "BROKEN", invariant.Detail]));
        }

        Line("## What these numbers do not say");
        Line(string.Join('\n', Verdict.Notes(report).Select(note => $"- {Escape(note)}")));

        Line("## What was attacked, with what");
        Table(["", ""], Facts(report));
        return text.ToString().TrimEnd('\n') + "\n";

        void Line(string paragraph) => text.Append(paragraph).Append("\n\n");

        void Table(IReadOnlyList<string> heads, IEnumerable<string[]> rows)
        {
            Row(heads);
            Row([.. heads.Select(_ => "---")]);
            foreach (string[] row in rows) Row([.. row.Select(Escape)]);
            text.Append('\n');
        }

        void Row(IReadOnlyList<string> cells) => text.Append("| ").AppendJoin(" | ", cells).Append(" |\n");
    }

    private static IEnumerable<string[]> Facts(RobustnessReport report)
    {
        yield return ["Data set", $"{report.Data.Name}, {report.Data.Protocol}, {report.Data.Normals} normal and {report.Data.Anomalies} anomalous test images of {report.Data.Width} × {report.Data.Height}"];
        yield return ["Data fingerprint", $"`{report.Data.Fingerprint}`"];
        foreach (ReportDetector detector in report.Detectors)
            yield return [$"{detector.Name}, model", detector.ModelHash is null ? "not saved to a file" : $"`{detector.ModelHash}`"];
        yield return ["Threat model", report.Threat.ToString()];
        yield return ["Seed", report.Seed.ToString(CultureInfo.InvariantCulture)];
        if (report.Command.Length > 0) yield return ["Command", $"`{report.Command}`"];
        yield return ["Software", $"CobraAD {report.Environment.Library}, TorchSharp {report.Environment.TorchSharp}, {report.Environment.Runtime}"];
        yield return ["Machine", $"{report.Environment.Processor}; {report.Environment.OperatingSystem}; device {report.Environment.Device}, threads {report.Environment.Threads}"];
        yield return ["Date", report.Created.ToUniversalTime().ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture)];
    }

    private static string Metric(ReportMetric metric) => $"{ReportNumbers.Percent(metric.Value)} [{ReportNumbers.Interval(metric)}]";

    private static string Word(AuditStatus status) => status.ToString().ToUpperInvariant();

    private static string Escape(string value) => value.Replace("|", "\\|", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).ReplaceLineEndings(" ");
}
