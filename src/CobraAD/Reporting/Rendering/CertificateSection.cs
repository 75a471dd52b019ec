namespace CobraAD.Reporting.Rendering;

/// <summary>What no attack can do, beside what the attacks did.</summary>
internal static class CertificateSection
{
    /// <summary>The section; empty where nothing was certified.</summary>
    public static Markup Of(RobustnessReport report) => report.Detectors.All(detector => detector.Certificate is null) ? Markup.Empty : Markup.Of(
        $"""
        <section aria-labelledby="certificate">
        <h2 id="certificate">Certified against every attack</h2>
        <p>Attacks show what can be done to a detector, a certificate what cannot be: whoever changes images by at most this length, the AUROC stays above. The truth lies between the two. {Scope(report)}</p>
        {Markup.Join(report.Detectors.Where(detector => detector.Certificate is not null), detector => Table(report, detector))}
        </section>
        """);

    /// <summary>In which norm the bounds hold.</summary>
    public static string Scope(RobustnessReport report) => report.Threat.Norm == "l2"
        ? "Radii are lengths under ℓ₂."
        : "Certificates hold under ℓ₂ only, so they cannot be compared with the attacks of this report, which are bounded under ℓ∞: an ℓ∞ ball reaches √d times as far under ℓ₂, d the numbers of an image.";

    /// <summary>A row for each certified radius: radius, certified AUROC, attacked AUROC where the same radius was attacked.</summary>
    public static IEnumerable<(string Radius, string Certified, string Attacked)> Rows(RobustnessReport report, ReportDetector detector)
    {
        foreach (ReportCertifiedPoint point in detector.Certificate!.Points)
            yield return (ReportNumbers.Length(point.Epsilon), ReportNumbers.Percent(point.Auroc), Attacked(report, detector, point.Epsilon) is { } attacked ? ReportNumbers.Percent(attacked) : "");
    }

    private static double? Attacked(RobustnessReport report, ReportDetector detector, double radius) => report.Threat.Norm != "l2" ? null
        : detector.SecurityCurve.FirstOrDefault(point => point.Epsilon == radius)?.Auroc.Value
        ?? (report.Threat.Epsilon == radius && detector.Attacks.Count > 0 ? detector.Union.Auroc.Value : null);

    private static Markup Table(RobustnessReport report, ReportDetector detector) => Markup.Of(
        $"""
        <div class="panel-box"><div class="scroll"><table>
        <caption>{detector.Name}: {ReportNumbers.Percent(detector.Certificate!.Auroc)} untouched. {detector.Certificate.Statement}</caption>
        <thead><tr><th scope="col">Radius (ℓ₂)</th><th class="number" scope="col">AUROC, certified</th><th class="number" scope="col">AUROC, attacked</th></tr></thead>
        <tbody>{Markup.Join(Rows(report, detector), row => Markup.Of($"""<tr><th scope="row">{row.Radius}</th><td class="number">{row.Certified}</td><td class="number">{row.Attacked}</td></tr>"""))}</tbody>
        </table></div></div>
        """);
}
