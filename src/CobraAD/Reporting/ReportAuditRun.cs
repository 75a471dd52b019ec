using CobraAD.Evaluation.Audit;
using CobraAD.Reporting.Rendering;

namespace CobraAD.Reporting;

/// <summary>How an audit was carried out: on its own sample of the test images, with attacks of its own.</summary>
/// <param name="Budget">What it was allowed to cost: "smoke", "quick", "standard" or "paper".</param>
/// <param name="Normals">Normal test images used.</param>
/// <param name="Anomalies">Anomalous test images used.</param>
/// <param name="CleanAuroc">AUROC of these images untouched.</param>
/// <param name="AttackedAuroc">AUROC under everything that the checks ran within the threat model.</param>
/// <param name="Seconds">Wall time.</param>
public sealed record ReportAuditRun(string Budget, int Normals, int Anomalies, double CleanAuroc, double AttackedAuroc, double Seconds)
{
    /// <summary>How an audit was carried out.</summary>
    /// <param name="audit">The audit.</param>
    public static ReportAuditRun From(AuditResult audit)
    {
        ArgumentNullException.ThrowIfNull(audit);
        return new ReportAuditRun(
            audit.Budget.ToString().ToLowerInvariant(), audit.Normals, audit.Anomalies, audit.CleanAuroc, audit.WorstAuroc, audit.Duration.TotalSeconds);
    }

    /// <summary>The run in one sentence.</summary>
    public override string ToString() =>
        $"The {Budget} audit took {ReportNumbers.Count(Normals)} normal and {ReportNumbers.Count(Anomalies)} anomalous images and {ReportNumbers.Duration(Seconds)}: AUROC {ReportNumbers.Percent(CleanAuroc)} untouched, {ReportNumbers.Percent(AttackedAuroc)} under all attacks of its checks.";
}
