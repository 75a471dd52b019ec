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
    private const double MostAuroc = 0.01, NormalShare = 0.95, MostOfTheWayLeft = 0.01;

    public int Number => 2;

    public string Name => "Unbounded attack";

    public string Criterion => "At ℓ∞ ε = 1 AUROC ≤ 1%, and the median attacked anomaly has come down 99% of the way from the median untouched one to where 95% of the untouched normal images are";

    public AuditFinding Run(AuditContext context)
    {
        // Steps of 0.025: a path five times as long as the range, in steps small enough to settle.
        Pgd attack = new() { Steps = context.Size.UnboundedSteps, Schedule = StepSchedule.Constant, Factor = context.Size.UnboundedSteps / 40.0 };
        ThreatModel unbounded = new(Norm.Linf, 1);
        Trial trial = context.Attack(attack, unbounded);
        // Short steps may end on a plain that a network made for large radii has all around an image: long ones cross it.
        if (!Wins(trial)) trial = context.Attack(attack with { Schedule = StepSchedule.Cosine, Factor = 2.5, Restarts = 2 }, unbounded);
        double anomalies = Attacked(trial);
        double untouched = UntouchedMedian();
        double normals = NormalLevel();
        return AuditFinding.Of(
            Wins(trial),
            string.Create(CultureInfo.InvariantCulture, $"AUROC {AuditFinding.Percent(trial.Auroc)}, median anomaly {untouched:G6} untouched and {anomalies:G6} attacked, 95% of the normal images up to {normals:G6}"),
            "With an unlimited radius the attack wins completely, so its gradient leads where it should.",
            "An attacker who may draw anything still fails: the gradient leads nowhere, and robust numbers measure the attack's weakness.");

        bool Wins(Trial tried) => tried.Auroc <= MostAuroc && Attacked(tried) <= NormalLevel() + MostOfTheWayLeft * Math.Max(0, UntouchedMedian() - NormalLevel());

        double Attacked(Trial tried) => Quantile.Lower([.. context.Rows(anomalous: true).Select(i => tried.Ledger.WorstScores[i]).Order()], 0.5);

        double UntouchedMedian() => Quantile.Lower([.. context.Rows(anomalous: true).Select(i => context.CleanScores[i]).Order()], 0.5);

        double NormalLevel() => Quantile.Lower([.. context.Rows(anomalous: false).Select(i => context.CleanScores[i]).Order()], NormalShare);
    }
}
