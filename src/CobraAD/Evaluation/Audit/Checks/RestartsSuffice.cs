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
        Trial once = context.Attack(reference), twice = context.Attack(reference with { Restarts = 2 * reference.Restarts });
        string measured = $"{reference.Restarts} {(reference.Restarts == 1 ? "start" : "starts")} {AuditFinding.Percent(once.Auroc)}, {2 * reference.Restarts} starts {AuditFinding.Percent(twice.Auroc)}";
        return AuditFinding.Fall(
                context, once.Ledger.WorstScores, twice.Ledger.WorstScores, context.Tolerance(Points), measured,
                "Other starting points still find worse images: use more restarts before quoting a number.")
            ?? new AuditFinding(AuditStatus.Pass, measured, "Other starting points find nothing worse.");
    }
}
