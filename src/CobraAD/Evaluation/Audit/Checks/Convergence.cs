using CobraAD.Attacks.Gradient;
using CobraAD.Numerics;

namespace CobraAD.Evaluation.Audit.Checks;

/// <summary>Twice the steps must not matter any more.</summary>
/// <remarks>
/// The objective of an image that is ranked wrongly against the whole other class may go on growing for ever, as that of an unbounded
/// score does, without changing a metric. Only the other images are asked whether they have arrived.
/// </remarks>
internal sealed class Convergence : IAuditCheck
{
    private const double Points = 0.5, MostGain = 0.05;

    public int Number => 8;

    public string Name => "Convergence";

    public string Criterion => "Twice the steps lower AUROC by less than 0.5 points and raise the objective of the median image that is not ranked wrongly altogether by less than 5% of the clean scores' spread";

    public AuditFinding Run(AuditContext context)
    {
        int steps = context.Size.Steps;
        Trial once = context.Attack(new Pgd { Steps = steps }), twice = context.Attack(new Pgd { Steps = 2 * steps });
        int[] open = context.OpenImages(once);
        double[] gains = [.. open.Select(i => twice.Objectives[i] - once.Objectives[i]).Order()];
        double gain = gains.Length == 0 ? 0 : Quantile.Upper(gains, 0.5) / context.Spread;
        string measured =
            $"PGD-{steps} {AuditFinding.Percent(once.Auroc)}, PGD-{2 * steps} {AuditFinding.Percent(twice.Auroc)}; {open.Length} of {context.IsAnomalous.Length} images left to gain, median gain {AuditFinding.Percent(gain)} of the spread";
        string flagged = $"Not converged: PGD-{steps} stops too early for this detector, so attack it with more steps before quoting a number.";
        if (gain < MostGain && AuditFinding.Fall(context, once.Ledger.WorstScores, twice.Ledger.WorstScores, context.Tolerance(Points), measured, flagged) is { } fall) return fall;
        return AuditFinding.Of(
            gain < MostGain, measured,
            open.Length == 0 ? "The attack has won on every image: more steps cannot matter." : "The attack has arrived: more steps change nothing that matters.",
            flagged);
    }
}
