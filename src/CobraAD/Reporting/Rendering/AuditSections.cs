namespace CobraAD.Reporting.Rendering;

/// <summary>Why to trust the numbers or not: the audit of each detector, and what must hold on this page.</summary>
internal static class AuditSections
{
    /// <summary>The audits; empty where none was run.</summary>
    public static Markup Audit(RobustnessReport report) => report.Detectors.All(detector => detector.Audit.Count == 0) ? Markup.Empty : Markup.Of(
        $"""
        <section aria-labelledby="audit">
        <h2 id="audit">Audit</h2>
        <p>Each check looks for a reason to distrust the attacked numbers: a gradient that leads nowhere, an attack that stopped too early, a score that changes from call to call.</p>
        {Markup.Join(report.Detectors.Where(detector => detector.Audit.Count > 0), AuditTable)}
        </section>
        """);

    /// <summary>The invariants; empty where none was checked.</summary>
    public static Markup Invariants(RobustnessReport report) => report.Invariants.Count == 0 ? Markup.Empty : Markup.Of(
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

    private static Markup AuditTable(ReportDetector detector) => Markup.Of(
        $"""
        <div class="panel-box"><div class="scroll"><table>
        <caption>{detector.Name}{(detector.AuditRun is { } run ? Markup.Of($" <small>{run.ToString()}</small>") : Markup.Empty)}</caption>
        <thead><tr><th class="number" scope="col">No.</th><th scope="col">Check</th><th scope="col">Outcome</th><th scope="col">Measured</th><th scope="col">Passes when</th><th scope="col">Meaning</th></tr></thead>
        <tbody>{Markup.Join(detector.Audit, check => Markup.Of($"""<tr><td class="number">{check.Number}</td><th scope="row">{check.Name}</th><td>{StatusChip.Of(check.Status)}</td><td>{check.Measured}</td><td>{check.Criterion}</td><td>{check.Meaning}</td></tr>"""))}</tbody>
        </table></div></div>
        """);
}
