namespace CobraAD.Reporting.Rendering;

/// <summary>Robustness without an attacker: a table of common corruptions for each detector.</summary>
internal static class CorruptionSection
{
    /// <summary>The section; empty where nothing was measured.</summary>
    public static Markup Of(RobustnessReport report) => report.Detectors.All(detector => detector.Corruptions.Count == 0) ? Markup.Empty : Markup.Of(
        $"""
        <section aria-labelledby="corruptions">
        <h2 id="corruptions">Without an attacker: common corruptions</h2>
        <p>Faults of light, lens, sensor and transport, from mild (1) to severe (5), on normal and anomalous images alike. False alarms and escapes are means over the severities, at the calibrated threshold.</p>
        {Markup.Join(report.Detectors.Where(detector => detector.Corruptions.Count > 0), CorruptionTable)}
        </section>
        """);

    private static Markup CorruptionTable(ReportDetector detector) => Markup.Of(
        $"""
        <div class="panel-box"><div class="scroll"><table>
        <caption>{detector.Name}</caption>
        <thead><tr><th scope="col">AUROC at severity</th>{Markup.Join(CorruptionRow.Severities(detector), severity => Markup.Of($"""<th class="number" scope="col">{severity}</th>"""))}<th class="number" scope="col">False<br>alarms</th><th class="number" scope="col">Escapes</th></tr></thead>
        <tbody>{Markup.Join(CorruptionRow.Of(detector), row => Markup.Of($"""<tr><th scope="row">{row.Name}</th>{Markup.Join(row.Aurocs, auroc => Markup.Of($"""<td class="number">{auroc}</td>"""))}<td class="number">{row.FalseAlarms}</td><td class="number">{row.Escapes}</td></tr>"""))}</tbody>
        </table></div></div>
        """);
}
