using CobraAD.Attacks.Gradient;

namespace CobraAD.Evaluation.Audit.Checks;

/// <summary>Twice the restarts must not matter any more.</summary>
internal sealed class RestartsSuffice : IAuditCheck
{
    private const double Points = 0.3;

    public int Number => 9;

    public string Name => "Restarts";

    public string Criterion => "Twice the restarts lower AUROC by less than 0.3 points";

    public AuditFinding Run(AuditContext context)
    {
        Pgd reference = context.Reference;
        double once = context.Attack(reference).Auroc, twice = context.Attack(reference with { Restarts = 2 * reference.Restarts }).Auroc;
        return AuditFinding.Of(
            once - twice < context.Tolerance(Points),
            $"{reference.Restarts} {(reference.Restarts == 1 ? "start" : "starts")} {AuditFinding.Percent(once)}, {2 * reference.Restarts} starts {AuditFinding.Percent(twice)}",
            "Other starting points find nothing worse.", "Other starting points still find worse images: use more restarts before quoting a number.");
    }
}
