namespace CobraAD.Reporting.Rendering;

/// <summary>Writes a report as one page; see <see cref="HtmlPage"/>.</summary>
internal static class HtmlReport
{
    /// <summary>The page.</summary>
    /// <param name="report">What to show.</param>
    /// <exception cref="ArgumentException">The report has no detector, or a number that is drawn is not finite.</exception>
    public static string Render(RobustnessReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        report.Validate();
        return HtmlPage.Of(
            report.Title, report.Environment.Library, Body(report),
            $"Made by CobraAD {report.Environment.Library} on {ReportNumbers.Date(report.Created)}. The numbers behind this page are in report.json beside it.");
    }

    private static Markup Body(RobustnessReport report) => Markup.Join(
    [
        HeaderSection.Of(report),
        AttackSection.Of(report),
        CurveSections.SecurityCurve(report),
        CertificateSection.Of(report),
        CurveSections.Roc(report),
        CurveSections.Scores(report),
        CorruptionSection.Of(report),
        LocalizationSection.Of(report),
        ImageSections.Hardest(report),
        ImageSections.Galleries(report),
        ScoreSection.Of(report),
        AuditSections.Audit(report),
        AuditSections.Invariants(report),
        FactSections.Notes(report),
        FactSections.Facts(report),
    ]);
}
