using CobraAD.Reporting.Charts;

namespace CobraAD.Reporting.Rendering;

/// <summary>
/// Writes a report as one page that needs nothing else: style, fonts, drawings and pictures are inside, and there is no script. It
/// follows the reader's light or dark setting, prints, and can be read with a screen reader.
/// </summary>
internal static class HtmlReport
{
    /// <summary>The page.</summary>
    /// <param name="report">What to show.</param>
    /// <exception cref="ArgumentException">The report has no detector, or a number that is drawn is not finite.</exception>
    public static string Render(RobustnessReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        report.Validate();
        Markup body = Body(report);
        return Markup.Of(
            $"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; font-src data:; img-src data:">
            <meta name="generator" content="CobraAD {report.Environment.Library}">
            <title>{report.Title}</title>
            <!-- The embedded font is a subset of Inter, copyright The Inter Project Authors, SIL Open Font License 1.1. -->
            <style>{FontFace("Inter-Regular.woff2", 400)}{FontFace("Inter-SemiBold.woff2", 600)}{new Markup(ReportAssets.Text("report.css"))}</style>
            </head>
            <body>
            <main>
            {ChartFont.Definitions(body)}{body}
            <footer>Made by CobraAD {report.Environment.Library} on {ReportNumbers.Date(report.Created)}. The numbers behind this page are in report.json beside it.</footer>
            </main>
            </body>
            </html>

            """).Text;
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
        AuditSections.Audit(report),
        AuditSections.Invariants(report),
        FactSections.Notes(report),
        FactSections.Facts(report),
    ]);

    private static Markup FontFace(string asset, int weight) => new(
        $"@font-face{{font-family:\"Inter Report\";font-weight:{weight};src:url(data:font/woff2;base64,{Convert.ToBase64String(ReportAssets.Bytes(asset))}) format(\"woff2\")}}\n");
}
