using CobraAD.Attacks;

namespace CobraAD.Evaluation.Audit.Checks;

/// <summary>An attacker who may draw anything must win completely.</summary>
internal sealed class UnboundedAttack : IAuditCheck
{
    private const double MostAuroc = 0.01;

    public int Number => 2;

    public string Name => "Unbounded attack";

    public string Criterion => "At ℓ∞ ε = 1 AUROC ≤ 1%, and the median attacked anomaly scores no higher than the median normal image";

    public AuditFinding Run(AuditContext context)
    {
        // Steps of 0.025: a path five times as long as the range, in steps small enough to settle.
        Pgd attack = new() { Steps = context.Effort.UnboundedSteps, Schedule = StepSchedule.Constant, Factor = context.Effort.UnboundedSteps / 40.0 };
        Trial trial = context.Attack(attack, new ThreatModel(Norm.Linf, 1));
        double anomalies = Median(context.Rows(anomalous: true).Select(i => trial.Ledger.WorstScores[i]));
        double normals = Median(context.Rows(anomalous: false).Select(i => context.CleanScores[i]));
        return AuditFinding.Of(
            trial.Auroc <= MostAuroc && anomalies <= normals,
            $"AUROC {AuditFinding.Percent(trial.Auroc)}, median attacked anomaly {AuditFinding.Number(anomalies)}, median normal {AuditFinding.Number(normals)}",
            "With an unlimited radius the attack wins completely, so its gradient leads where it should.",
            "An attacker who may draw anything still fails: the gradient leads nowhere, and robust numbers measure the attack's weakness.");
    }

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }
}
