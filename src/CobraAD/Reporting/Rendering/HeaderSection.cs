using CobraAD.Evaluation.Audit;

namespace CobraAD.Reporting.Rendering;

/// <summary>The head of the page: the result in one sentence, whether to trust it, and the numbers to remember.</summary>
internal static class HeaderSection
{
    /// <summary>The section.</summary>
    public static Markup Of(RobustnessReport report)
    {
        (AuditStatus status, string trust) = Verdict.Trust(report);
        return Markup.Of(
            $"""
            <header>
            <div class="eyebrow">Robustness report · {report.Threat.ToString()}</div>
            <h1>{report.Title}</h1>
            {Markup.Join(report.Warnings, warning => Markup.Of($"""<p class="warning" role="note"><strong>Warning.</strong> {warning}</p>"""))}<p class="verdict">{Verdict.Headline(report)}</p>
            <p class="trust">{StatusChip.Of(status)} <span>{trust}</span></p>
            <dl class="cards">{Markup.Join(report.Detectors, detector => DetectorCards(report, detector))}</dl>
            </header>
            """);
    }

    private static Markup DetectorCards(RobustnessReport report, ReportDetector detector)
    {
        Markup errors = detector.Union is { FalseAlarmRate: double falseAlarms, EscapeRate: double escapes } && report.Detectors.Count == 1
            ? Markup.Join(
            [
                Card("False alarms under attack", ReportNumbers.Percent(falseAlarms), $"{ReportNumbers.Percent(detector.Clean.FalseAlarmRate)} untouched, at the calibrated threshold"),
                Card("Escapes under attack", ReportNumbers.Percent(escapes), $"{ReportNumbers.Percent(detector.Clean.EscapeRate)} untouched, at the calibrated threshold"),
            ])
            : Markup.Empty;
        return Markup.Join(
        [
            Card($"{detector.Name}, untouched AUROC", ReportNumbers.Percent(detector.Clean.Auroc.Value), $"95% interval {ReportNumbers.Interval(detector.Clean.Auroc)}"),
            Card($"{detector.Name}, attacked AUROC", ReportNumbers.Percent(detector.Union.Auroc.Value), $"95% interval {ReportNumbers.Interval(detector.Union.Auroc)}"),
            errors,
        ]);
    }

    private static Markup Card(string name, string value, string aside) =>
        Markup.Of($"""<div class="card"><dt>{name}</dt><dd>{value}<span class="aside">{aside}</span></dd></div>""");
}
