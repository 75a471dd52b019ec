using CobraAD.Attacks.Gradient;

namespace CobraAD.Evaluation.Audit.Checks;

/// <summary>Small steps must find what one large step finds.</summary>
internal sealed class IterativeBeatsSingleStep : IAuditCheck
{
    public int Number => 5;

    public string Name => "Iterative against single step";

    public string Criterion => "AUROC(PGD-20, without FGSM's point) ≤ AUROC(FGSM)";

    public AuditFinding Run(AuditContext context)
    {
        double single = context.Attack(new Fgsm()).Auroc;
        double iterative = context.Attack(new Pgd { Steps = 20, IncludeFgsm = false }).Auroc;
        return AuditFinding.Of(
            iterative <= single + context.Tolerance(0), $"PGD-20 {AuditFinding.Percent(iterative)}, FGSM {AuditFinding.Percent(single)}",
            "Following the gradient in small steps finds worse images than one step, as it must.",
            "One blind step beats twenty guided ones: the gradient is noise near the image.");
    }
}
