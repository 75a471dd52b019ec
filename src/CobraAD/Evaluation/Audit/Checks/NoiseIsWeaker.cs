using CobraAD.Attacks.Gradient;

namespace CobraAD.Evaluation.Audit.Checks;

/// <summary>Guessing must not do better than the gradient.</summary>
internal sealed class NoiseIsWeaker : IAuditCheck
{
    public int Number => 7;

    public string Name => "Random noise against PGD-10";

    public string Criterion => "AUROC under the best of many uniform draws ≥ AUROC(PGD-10)";

    public AuditFinding Run(AuditContext context)
    {
        double noise = context.Attack(new UniformDraws { Draws = context.Size.Draws }).Auroc;
        double guided = context.Attack(new Pgd { Steps = 10, IncludeFgsm = false }).Auroc;
        return AuditFinding.Of(
            noise >= guided - context.Tolerance(0), $"best of {context.Size.Draws} draws {AuditFinding.Percent(noise)}, PGD-10 {AuditFinding.Percent(guided)}",
            "Ten gradient steps beat guessing.", "Guessing beats ten gradient steps: the gradient points nowhere.");
    }
}
