using CobraAD.Attacks;

namespace CobraAD.Evaluation.Audit.Checks;

/// <summary>An attacker without gradients must not do better than one who has them.</summary>
internal sealed class BlackBoxIsWeaker : IAuditCheck
{
    private const double Points = 0.2, MostBeaten = 0.02, Margin = 1e-4;

    public int Number => 6;

    public string Name => "Black box against white box";

    public string Criterion => "AUROC of SimBA and Square ≥ PGD - 0.2 points, and Square goes further than every gradient attack on less than 2% of the images";

    public AuditFinding Run(AuditContext context)
    {
        Trial white = context.Attack(context.Reference);
        Trial adaptive = context.Attack(new Apgd { Steps = context.Effort.Steps, Restarts = 1 });
        Trial square = context.Attack(new Square { Queries = context.Effort.Queries });
        Trial simba = context.Attack(new Simba { Queries = context.Effort.Queries });
        int beaten = square.Objectives.Where((j, i) => j > Math.Max(white.Objectives[i], adaptive.Objectives[i]) + Margin * context.Spread).Count();
        double share = beaten / (double)square.Objectives.Length;
        double least = white.Auroc - context.Tolerance(Points);
        return AuditFinding.Of(
            square.Auroc >= least && simba.Auroc >= least && (share < MostBeaten || beaten <= 1),
            $"SimBA {AuditFinding.Percent(simba.Auroc)}, Square {AuditFinding.Percent(square.Auroc)}, PGD {AuditFinding.Percent(white.Auroc)}; Square further on {beaten} of {square.Objectives.Length} images",
            "Gradients are worth more than queries, so they are real.",
            "Queries without gradients do more harm than the gradient attacks: the gradients are masked, and PGD's number is too good.");
    }
}
