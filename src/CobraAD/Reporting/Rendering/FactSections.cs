namespace CobraAD.Reporting.Rendering;

/// <summary>What the numbers do not say, and what was attacked with what.</summary>
internal static class FactSections
{
    /// <summary>The limits of every such result, and the report's own notes.</summary>
    public static Markup Notes(RobustnessReport report) => Markup.Of(
        $"""
        <section aria-labelledby="notes">
        <h2 id="notes">What these numbers do not say</h2>
        <div class="panel-box"><ul class="notes">{Markup.Join(Verdict.Notes(report), note => Markup.Of($"<li>{note}</li>"))}</ul></div>
        </section>
        """);

    /// <summary>Data, models, software and machine.</summary>
    public static Markup Facts(RobustnessReport report)
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
        facts.Add(("Date", Text(ReportNumbers.Date(report.Created))));
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
}
