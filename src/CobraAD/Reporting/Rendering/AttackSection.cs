using CobraAD.Reporting.Charts;

namespace CobraAD.Reporting.Rendering;

/// <summary>How each attack fares: a drawing, and a table for each detector.</summary>
internal static class AttackSection
{
    /// <summary>The section.</summary>
    public static Markup Of(RobustnessReport report) => Markup.Of(
        $"""
        <section aria-labelledby="attacks">
        <h2 id="attacks">How each attack fares</h2>
        <p>AUROC is the chance that an anomalous image scores above a normal one. Attacks push normal images up and anomalous images down; the line through a mark is its 95% interval.</p>
        <figure class="wide">{AttackChart.Draw(report)}</figure>
        {Markup.Join(report.Detectors, detector => AttackTable(report, detector))}
        </section>
        """);

    private static Markup AttackTable(RobustnessReport report, ReportDetector detector)
    {
        bool threshold = detector.Clean.FalseAlarmRate is not null;
        Markup description = detector.Description.Length > 0 ? Markup.Of($" <small>{detector.Description}</small>") : Markup.Empty;
        Markup heads = threshold ? new Markup("""<th class="number" scope="col">False<br>alarms</th><th class="number" scope="col">Escapes</th>""") : Markup.Empty;
        return Markup.Of(
            $"""
            <div class="panel-box"><div class="scroll"><table>
            <caption>{detector.Name}{description}</caption>
            <thead><tr><th scope="col">Attack within {report.Threat.ToString()}</th><th class="number" scope="col">AUROC</th><th class="number" scope="col">AUPR</th><th class="number" scope="col">FPR95</th>{heads}<th class="number" scope="col">Passes forward /<br>backward</th><th class="number" scope="col">Wall time</th></tr></thead>
            <tbody>{Row(detector.Clean, "")}{Markup.Join(detector.Attacks, attack => Row(attack, ""))}{(detector.Attacks.Count == 1 ? Markup.Empty : Row(detector.Union, "union"))}</tbody>
            </table></div></div>
            """);

        Markup Row(ReportCondition condition, string style) => Markup.Of(
            $"""
            <tr class="{style}"><th scope="row">{condition.Name}{(condition.Recipe.Length > 0 ? Markup.Of($"""<code class="recipe">{condition.Recipe}</code>""") : Markup.Empty)}</th>{Metric(condition.Auroc)}{Metric(condition.Aupr)}{Metric(condition.Fpr95)}{(threshold ? Markup.Of($"""<td class="number">{ReportNumbers.Percent(condition.FalseAlarmRate)}</td><td class="number">{ReportNumbers.Percent(condition.EscapeRate)}</td>""") : Markup.Empty)}<td class="number">{ReportNumbers.Count(condition.ForwardPasses)} / {ReportNumbers.Count(condition.BackwardPasses)}</td><td class="number">{ReportNumbers.Duration(condition.Seconds)}</td></tr>

            """);

        Markup Metric(ReportMetric metric) =>
            Markup.Of($"""<td class="number"><span class="metric">{ReportNumbers.Percent(metric.Value)}</span><span class="interval-text">{ReportNumbers.Interval(metric)}</span></td>""");
    }
}
