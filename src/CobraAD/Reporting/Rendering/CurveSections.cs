using CobraAD.Reporting.Charts;

namespace CobraAD.Reporting.Rendering;

/// <summary>What is drawn over radii, thresholds and scores; a section is left out where nothing was measured.</summary>
internal static class CurveSections
{
    /// <summary>AUROC against the radius.</summary>
    public static Markup SecurityCurve(RobustnessReport report) => report.Detectors.All(detector => detector.SecurityCurve.Count < 2) ? Markup.Empty : Markup.Of(
        $"""
        <section aria-labelledby="security">
        <h2 id="security">Security curve</h2>
        <p>The AUROC as the attacker may change more. An honest curve falls, and reaches chance or less in the end; one that stays up at a large radius points to an attack that failed.{Certified(report)}</p>
        <figure class="wide">{SecurityChart.Draw(report)}</figure>
        </section>
        """);

    private static string Certified(RobustnessReport report) => report.Threat.Norm == "l2" && report.Detectors.Any(detector => detector.Certificate is not null)
        ? " The dashed line is the certificate: whatever the attack, the AUROC stays above it."
        : "";

    /// <summary>Detections against false alarms, before and after the attack.</summary>
    public static Markup Roc(RobustnessReport report) => report.Detectors.All(detector => detector.Roc is null) ? Markup.Empty : Markup.Of(
        $"""
        <section aria-labelledby="roc">
        <h2 id="roc">ROC curves</h2>
        <p>Every threshold at once: what share of anomalies is detected for a share of false alarms. Solid before the attack, dashed after it.</p>
        <div class="pair">{Markup.Join(report.Detectors.Index().Where(pair => pair.Item.Roc is not null), pair => Markup.Of($"<figure>{RocChart.Draw(pair.Item, pair.Index)}</figure>"))}</div>
        </section>
        """);

    /// <summary>Histograms of the scores, before and after the attack.</summary>
    public static Markup Scores(RobustnessReport report) => report.Detectors.All(detector => detector.Scores is null) ? Markup.Empty : Markup.Of(
        $"""
        <section aria-labelledby="scores">
        <h2 id="scores">Scores before and after the attack</h2>
        <p>A larger score is more anomalous. Where the two histograms overlap, no threshold tells the images apart.</p>
        <div class="pair">{Markup.Join(report.Detectors.Where(detector => detector.Scores is not null), detector => Markup.Of($"<figure>{ScoreChart.Draw(detector)}</figure>"))}</div>
        </section>
        """);
}
