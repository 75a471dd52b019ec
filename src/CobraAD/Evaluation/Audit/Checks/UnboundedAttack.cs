using System.Globalization;
using CobraAD.Attacks;
using CobraAD.Attacks.Gradient;
using CobraAD.Numerics;

namespace CobraAD.Evaluation.Audit.Checks;

/// <summary>An attacker who may draw anything must win completely.</summary>
/// <remarks>
/// AUROC alone could be 0 because normal images were pushed up; anomalies must come down too, to where normal images are. Not below most
/// of them, and not all the way: near its minimum a distance or a cosine is flat, and sign steps end beside it. Where training pressed the
/// scores of normal images together, those last steps are wide beside their spread and nothing beside the way from an anomaly.
/// </remarks>
internal sealed class UnboundedAttack : IAuditCheck
{
    private const double MostAuroc = 0.01, NormalShare = 0.95, MostOfTheWayLeft = 0.01, Step = 0.025, FineStep = 0.001;

    public int Number => 2;

    public string Name => "Unbounded attack";

    public string Criterion => "At ℓ∞ ε = 1 AUROC ≤ 1%, and the median attacked anomaly has come down 99% of the way from the median untouched one to where 95% of the untouched normal images are";

    public AuditFinding Run(AuditContext context)
    {
        double[] reached = [.. context.CleanScores];
        double untouched = Median(reached, context), normals = Quantile.Lower(Scores(reached, context, anomalous: false), NormalShare);
        ThreatModel unbounded = new(Norm.Linf, 1);
        foreach (Pgd attack in Tries(context.Size.UnboundedSteps))
        {
            double[] found = [.. context.Attack(attack, unbounded).Ledger.WorstScores];
            reached = [.. reached.Select((score, i) => context.IsAnomalous[i] ? Math.Min(score, found[i]) : Math.Max(score, found[i]))];
            if (RanksWrongly() && ComesDown()) break;
        }

        return AuditFinding.Of(
            RanksWrongly() && ComesDown(),
            string.Create(CultureInfo.InvariantCulture, $"AUROC {AuditFinding.Percent(context.Auroc(reached))}, median anomaly {untouched:G6} untouched and {Median(reached, context):G6} attacked, 95% of the normal images up to {normals:G6}"),
            "With an unlimited radius the attack wins completely, so its gradient leads where it should.",
            RanksWrongly()
                ? "Normal images can be made to look worse than all others, but an attacker who may draw anything does not bring anomalies down to normal ones: numbers measure the attack's weakness there."
                : "An attacker who may draw anything still fails: the gradient leads nowhere, and robust numbers measure the attack's weakness.");

        bool RanksWrongly() => context.Auroc(reached) <= MostAuroc;

        bool ComesDown() => Median(reached, context) <= normals + MostOfTheWayLeft * Math.Max(0, untouched - normals);
    }

    /// <summary>Paths of other step lengths, until together they win: steps that cross a plain leap over what is steep.</summary>
    private static IEnumerable<Pgd> Tries(int steps)
    {
        Pgd attack = new() { Steps = steps, Schedule = StepSchedule.Constant };
        // A path five times as long as the range, in steps small enough to settle.
        yield return attack with { Factor = Step * steps };
        // Short steps may end on a plain that a network made for large radii has all around an image: long ones cross it.
        yield return new Pgd { Steps = steps, Schedule = StepSchedule.Cosine, Restarts = 2 };
        // Features of ImageNet are so steep that any step of more than a grey level raises a distance to them.
        yield return attack with { Factor = FineStep * steps };
    }

    private static double Median(IReadOnlyList<double> scores, AuditContext context) => Quantile.Lower(Scores(scores, context, anomalous: true), 0.5);

    private static double[] Scores(IReadOnlyList<double> scores, AuditContext context, bool anomalous) => [.. context.Rows(anomalous).Select(i => scores[i]).Order()];
}
