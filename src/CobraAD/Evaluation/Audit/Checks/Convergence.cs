using CobraAD.Attacks;

namespace CobraAD.Evaluation.Audit.Checks;

/// <summary>Twice the steps must not matter any more.</summary>
internal sealed class Convergence : IAuditCheck
{
    private const double Points = 0.5, MostGain = 0.05;

    public int Number => 8;

    public string Name => "Convergence";

    public string Criterion => "Twice the steps lower AUROC by less than 0.5 points and raise the median image's objective by less than 5% of the clean scores' spread";

    public AuditFinding Run(AuditContext context)
    {
        int steps = context.Effort.Steps;
        Trial once = context.Attack(new Pgd { Steps = steps }), twice = context.Attack(new Pgd { Steps = 2 * steps });
        double[] gains = [.. twice.Objectives.Zip(once.Objectives, (after, before) => after - before).Order()];
        double gain = gains[gains.Length / 2] / context.Spread;
        return AuditFinding.Of(
            once.Auroc - twice.Auroc < context.Tolerance(Points) && gain < MostGain,
            $"PGD-{steps} {AuditFinding.Percent(once.Auroc)}, PGD-{2 * steps} {AuditFinding.Percent(twice.Auroc)}, median gain {AuditFinding.Percent(gain)} of the spread",
            "The attack has arrived: more steps change nothing that matters.",
            $"Not converged: PGD-{steps} stops too early for this detector, so attack it with more steps before quoting a number.");
    }
}
