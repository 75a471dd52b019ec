using CobraAD.Attacks.Composite;

namespace CobraAD.Evaluation.Audit.Checks;

/// <summary>Points made on another detector must not do more harm than those made on this one.</summary>
internal sealed class TransferIsWeaker : IAuditCheck
{
    private const double Points = 0.2;

    public int Number => 12;

    public string Name => "Transfer from an undefended twin";

    public string Criterion => "AUROC under attacks made on the twin ≥ AUROC(PGD) - 0.2 points";

    public AuditFinding Run(AuditContext context)
    {
        if (context.Options.Twin is not { } twin) return AuditFinding.Skip("No undefended twin was given to make attacks on.");
        double white = context.Attack(context.Reference).Auroc, transferred = context.Attack(new Transfer(twin, [context.Reference])).Auroc;
        return AuditFinding.Of(
            transferred >= white - context.Tolerance(Points), $"transferred {AuditFinding.Percent(transferred)}, PGD {AuditFinding.Percent(white)}",
            "The detector's own gradients do more harm than another's, so they are real.",
            "Another detector's gradients do more harm than this one's own: these are masked.");
    }
}
