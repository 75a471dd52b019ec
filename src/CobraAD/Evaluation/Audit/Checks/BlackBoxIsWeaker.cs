using CobraAD.Attacks.BlackBox;

namespace CobraAD.Evaluation.Audit.Checks;

/// <summary>An attacker without gradients must not do better than one who has them.</summary>
/// <remarks>
/// Going further counts only where there is something to gain. An image that gradients already ranked wrongly against the whole other
/// class is lost; how far beyond it a score can be pushed changes no metric and says nothing about gradients.
/// </remarks>
internal sealed class BlackBoxIsWeaker : IAuditCheck
{
    private const double Points = 0.2, MostBeaten = 0.02, Margin = 1e-4;

    public int Number => 6;

    public string Name => "Black box against white box";

    public string Criterion =>
        "AUROC of SimBA and Square ≥ PGD - 0.2 points, and of the images that gradients have not ranked wrongly altogether Square goes further on less than 2% of all";

    public AuditFinding Run(AuditContext context)
    {
        Trial pgd = context.Attack(context.Reference);
        Trial[] white = [.. context.GradientAttacks.Select(attack => context.Attack(attack))];
        Trial square = context.Attack(new Square { Queries = context.Size.Queries });
        Trial simba = context.Attack(new Simba { Queries = context.Size.Queries });

        double least = pgd.Auroc - context.Tolerance(Points);
        int[] open = context.OpenImages(white);
        int beaten = open.Count(i => square.Objectives[i] > white.Max(trial => trial.Objectives[i]) + Margin * context.Spread);
        string measured =
            $"SimBA {AuditFinding.Percent(simba.Auroc)}, Square {AuditFinding.Percent(square.Auroc)}, PGD {AuditFinding.Percent(pgd.Auroc)}; " +
            $"{open.Length} of {context.IsAnomalous.Length} images left to gain, Square further on {beaten}";
        if (Math.Min(square.Auroc, simba.Auroc) < least)
        {
            return new AuditFinding(
                AuditStatus.Flag, measured,
                "Queries without gradients do more harm than PGD, so PGD's number is too good: its gradients are masked, or it has too few steps. Quote all attacks together.");
        }

        // One image is the resolution of the sample.
        if (beaten > 1 && beaten >= MostBeaten * context.IsAnomalous.Length)
        {
            return new AuditFinding(
                AuditStatus.Flag, measured,
                "On some images queries without gradients get further than every gradient attack: for these the gradients are poor guides, and the attacked numbers are a little too good.");
        }

        return new AuditFinding(
            AuditStatus.Pass, measured,
            open.Length == 0 ? "Gradients leave nothing to gain: every image is ranked wrongly already." : "Gradients are worth more than queries, so they are real.");
    }
}
