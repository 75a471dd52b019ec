using CobraAD.Reporting.Charts;

namespace CobraAD.Reporting.Rendering;

/// <summary>
/// Writes a report as one page that needs nothing else: style, fonts, drawings and pictures are inside, and there is no script. It
/// follows the reader's light or dark setting, prints, and can be read with a screen reader.
/// </summary>
public static class HtmlReport
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
            <footer>Made by CobraAD {report.Environment.Library} on {Date(report)}. The numbers behind this page are in report.json beside it.</footer>
            </main>
            </body>
            </html>

            """).Text;
    }

    private static Markup Body(RobustnessReport report) => Markup.Join(
    [
        Header(report), Attacks(report), SecurityCurve(report), Roc(report), Scores(report), Corruptions(report), HardestImages(report),
        Galleries(report), Audit(report), Invariants(report), Notes(report), Facts(report),
    ]);

    private static Markup FontFace(string asset, int weight) => new(
        $"@font-face{{font-family:\"Inter Report\";font-weight:{weight};src:url(data:font/woff2;base64,{Convert.ToBase64String(ReportAssets.Bytes(asset))}) format(\"woff2\")}}\n");

    private static Markup Header(RobustnessReport report)
    {
        (ReportCheckStatus status, string trust) = Verdict.Trust(report);
        return Markup.Of(
            $"""
            <header>
            <div class="eyebrow">Robustness report · {report.Threat.ToString()}</div>
            <h1>{report.Title}</h1>
            <p class="verdict">{Verdict.Headline(report)}</p>
            <p class="trust">{Chip(status)} <span>{trust}</span></p>
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

    private static Markup Attacks(RobustnessReport report) => Markup.Of(
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

    private static Markup SecurityCurve(RobustnessReport report) => report.Detectors.All(detector => detector.SecurityCurve.Count < 2) ? Markup.Empty : Markup.Of(
        $"""
        <section aria-labelledby="security">
        <h2 id="security">Security curve</h2>
        <p>The AUROC as the attacker may change more. An honest curve falls, and reaches chance or less in the end; one that stays up at a large radius points to an attack that failed.</p>
        <figure class="wide">{SecurityChart.Draw(report)}</figure>
        </section>
        """);

    private static Markup Roc(RobustnessReport report) => report.Detectors.All(detector => detector.Roc is null) ? Markup.Empty : Markup.Of(
        $"""
        <section aria-labelledby="roc">
        <h2 id="roc">ROC curves</h2>
        <p>Every threshold at once: what share of anomalies is detected for a share of false alarms. Solid before the attack, dashed after it.</p>
        <div class="pair">{Markup.Join(report.Detectors.Index().Where(pair => pair.Item.Roc is not null), pair => Markup.Of($"<figure>{RocChart.Draw(pair.Item, pair.Index)}</figure>"))}</div>
        </section>
        """);

    private static Markup Scores(RobustnessReport report) => report.Detectors.All(detector => detector.Scores is null) ? Markup.Empty : Markup.Of(
        $"""
        <section aria-labelledby="scores">
        <h2 id="scores">Scores before and after the attack</h2>
        <p>A larger score is more anomalous. Where the two histograms overlap, no threshold tells the images apart.</p>
        <div class="pair">{Markup.Join(report.Detectors.Where(detector => detector.Scores is not null), detector => Markup.Of($"<figure>{ScoreChart.Draw(detector)}</figure>"))}</div>
        </section>
        """);

    private static Markup Corruptions(RobustnessReport report) => report.Detectors.All(detector => detector.Corruptions.Count == 0) ? Markup.Empty : Markup.Of(
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

    private static Markup HardestImages(RobustnessReport report) => report.Detectors.All(detector => detector.HardestImages.Count == 0) ? Markup.Empty : Markup.Of(
        $"""
        <section aria-labelledby="hardest">
        <h2 id="hardest">The hardest images</h2>
        <p>Where the attack did the most harm: the untouched image, the attacked one, and the difference magnified around grey.</p>
        {Markup.Join(report.Detectors.Where(detector => detector.HardestImages.Count > 0), detector => Markup.Of($"""<h3>{detector.Name}</h3><div class="hard">{Markup.Join(detector.HardestImages, image => Hard(report, image))}</div>"""))}
        </section>
        """);

    private static Markup Hard(RobustnessReport report, HardImage image)
    {
        string found = image.Attack.Length > 0 ? $", found by {image.Attack}" : "";
        string kind = image.Kind.Length > 0 ? $" ({image.Kind})" : "";
        return Markup.Of(
            $"""
            <figure>
            <div class="triple"><div>{Picture(image.Clean)}Untouched<br>score {ReportNumbers.Score(image.CleanScore)}</div><div>{Picture(image.Attacked)}Attacked<br>score {ReportNumbers.Score(image.AttackedScore)}</div><div>{Picture(image.Perturbation)}Difference<br>× {image.Magnification}</div></div>
            <figcaption><strong>{(image.IsAnomalous ? "Anomalous" : "Normal")}</strong>{kind}, {image.Source}{found}; size {report.Threat.Radius(image.PerturbationNorm)} in {report.Threat.NormSymbol}</figcaption>
            </figure>
            """);
    }

    private static Markup Galleries(RobustnessReport report) => Markup.Join(report.Galleries, (gallery, index) => Markup.Of(
        $"""
        <section aria-labelledby="gallery-{index}">
        <h2 id="gallery-{index}">{gallery.Title}</h2>
        <p>{gallery.Caption}</p>
        <figure><ul class="gallery">{Markup.Join(gallery.Images, image => Markup.Of($"<li>{Picture(image)}{image.Description}</li>"))}</ul></figure>
        </section>
        """));

    private static Markup Audit(RobustnessReport report) => report.Detectors.All(detector => detector.Audit.Count == 0) ? Markup.Empty : Markup.Of(
        $"""
        <section aria-labelledby="audit">
        <h2 id="audit">Audit</h2>
        <p>Each check looks for a reason to distrust the attacked numbers: a gradient that leads nowhere, an attack that stopped too early, a score that changes from call to call.</p>
        {Markup.Join(report.Detectors.Where(detector => detector.Audit.Count > 0), AuditTable)}
        </section>
        """);

    private static Markup AuditTable(ReportDetector detector) => Markup.Of(
        $"""
        <div class="panel-box"><div class="scroll"><table>
        <caption>{detector.Name}{(detector.AuditRun is { } run ? Markup.Of($" <small>{run.ToString()}</small>") : Markup.Empty)}</caption>
        <thead><tr><th class="number" scope="col">No.</th><th scope="col">Check</th><th scope="col">Outcome</th><th scope="col">Measured</th><th scope="col">Passes when</th><th scope="col">Meaning</th></tr></thead>
        <tbody>{Markup.Join(detector.Audit, check => Markup.Of($"""<tr><td class="number">{check.Number}</td><th scope="row">{check.Name}</th><td>{Chip(check.Status)}</td><td>{check.Measured}</td><td>{check.Criterion}</td><td>{check.Meaning}</td></tr>"""))}</tbody>
        </table></div></div>
        """);

    private static Markup Invariants(RobustnessReport report) => report.Invariants.Count == 0 ? Markup.Empty : Markup.Of(
        $"""
        <section aria-labelledby="invariants">
        <h2 id="invariants">Invariants</h2>
        <p>What must hold in every honest evaluation, checked on the numbers of this page.</p>
        <div class="panel-box"><div class="scroll"><table>
        <thead><tr><th scope="col">Must hold</th><th scope="col">Outcome</th><th scope="col">Numbers</th></tr></thead>
        <tbody>{Markup.Join(report.Invariants, invariant => Markup.Of($"""<tr><th scope="row">{invariant.Name}</th><td><span class="chip {(invariant.Holds ? "pass" : "flag")}">{(invariant.Holds ? "HOLDS" : "BROKEN")}</span></td><td>{invariant.Detail}</td></tr>"""))}</tbody>
        </table></div></div>
        </section>
        """);

    private static Markup Notes(RobustnessReport report) => Markup.Of(
        $"""
        <section aria-labelledby="notes">
        <h2 id="notes">What these numbers do not say</h2>
        <div class="panel-box"><ul class="notes">{Markup.Join(Verdict.Notes(report), note => Markup.Of($"<li>{note}</li>"))}</ul></div>
        </section>
        """);

    private static Markup Facts(RobustnessReport report)
    {
        ReportData data = report.Data;
        ReportEnvironment machine = report.Environment;
        List<(string Name, Markup Value)> facts =
        [
            ("Data set", Text($"{data.Name}, {data.Protocol}")),
            ("Test images", Text($"{ReportNumbers.Count(data.Normals)} normal and {ReportNumbers.Count(data.Anomalies)} anomalous, {data.Width} × {data.Height} pixels")),
            ("Data fingerprint", Code(data.Fingerprint)),
        ];
        if (data.TrainingImages is int training) facts.Add(("Training images", Text($"{ReportNumbers.Count(training)} normal")));
        foreach (ReportDetector detector in report.Detectors)
        {
            facts.Add(($"{detector.Name}, model", detector.ModelHash is string hash ? Code(hash) : Text("not saved to a file")));
            if (detector.Threshold is double threshold) facts.Add(($"{detector.Name}, threshold", Text(ReportNumbers.Score(threshold))));
            if (detector.TrainingSeconds is double seconds) facts.Add(($"{detector.Name}, training", Text(ReportNumbers.Duration(seconds))));
        }

        facts.Add(("Threat model", Text($"{report.Threat}, pixels in [0, 1], at the size of the test images")));
        facts.Add(("Seed", Text(report.Seed.ToString(System.Globalization.CultureInfo.InvariantCulture))));
        if (report.Command.Length > 0) facts.Add(("Command", Code(report.Command)));
        facts.Add(("Software", Text($"CobraAD {machine.Library}, TorchSharp {machine.TorchSharp}, {machine.Runtime}")));
        facts.Add(("Machine", Text($"{machine.Processor}; {machine.OperatingSystem}; device {machine.Device}, {machine.Threads} {(machine.Threads == 1 ? "thread" : "threads")}")));
        facts.Add(("Date", Text(Date(report))));
        return Markup.Of(
            $"""
            <section aria-labelledby="facts">
            <h2 id="facts">What was attacked, with what</h2>
            <div class="panel-box"><table class="facts"><tbody>{Markup.Join(facts, fact => Markup.Of($"""<tr><th scope="row">{fact.Name}</th><td>{fact.Value}</td></tr>"""))}</tbody></table></div>
            </section>
            """);

        static Markup Text(string value) => Markup.Of($"{value}");

        static Markup Code(string value) => Markup.Of($"<code>{value}</code>");
    }

    private static Markup Picture(ReportImage image) =>
        Markup.Of($"""<img src="data:image/png;base64,{new Markup(Convert.ToBase64String(image.Png))}" alt="{image.Description}">""");

    private static Markup Chip(ReportCheckStatus status) => status switch
    {
        ReportCheckStatus.Pass => new Markup("""<span class="chip pass">PASS</span>"""),
        ReportCheckStatus.Flag => new Markup("""<span class="chip flag">FLAG</span>"""),
        _ => new Markup("""<span class="chip skipped">SKIPPED</span>"""),
    };

    private static string Date(RobustnessReport report) => FormattableString.Invariant($"{report.Created.ToUniversalTime():d MMMM yyyy, HH:mm} UTC");
}
