using CobraAD.Attacks.Gradient;

namespace CobraAD.Evaluation.Audit.Checks;

/// <summary>Smoother objectives must not find what the plain score's gradient misses.</summary>
internal sealed class SurrogatesAddNothing : IAuditCheck
{
    private const double Points = 1;

    public int Number => 13;

    public string Name => "Smooth surrogates";

    public string Criterion => "As many attacks on the detector's surrogates, and attacks on a smoothed copy of the score, lower AUROC by at most 1 point against the plain score's gradient";

    public AuditFinding Run(AuditContext context)
    {
        // As many runs on the one side as on the other, so that smoothness is compared and not effort.
        List<Trial> plain = [context.Attack(context.PlainEqual), context.Attack(context.Reference with { Restarts = 2 * context.Size.Restarts })];
        Trial first = context.Attack(new Apgd { Steps = context.Size.Steps, Restarts = 1 });
        double[] alone = Together(context, plain), smoothed = Together(context, [plain[1], context.Attack(context.SmoothedAttack)]);
        double[] surrogates = context.SurrogateAttack is { } climb ? Together(context, [plain[1], first, context.Attack(climb)]) : alone;
        string measured =
            $"plain {AuditFinding.Percent(context.Auroc(alone))}, {(context.SurrogateAttack is null ? "no surrogates" : $"with surrogates {AuditFinding.Percent(context.Auroc(surrogates))}")}, smoothed {AuditFinding.Percent(context.Auroc(smoothed))}";
        return AuditFinding.Fall(
                context, alone, smoothed, context.Tolerance(Points), measured,
                "Averaged over a small neighbourhood the score's slope leads further than its gradient does: something roughens the way. The gradient attacks' numbers are too good.")
            ?? AuditFinding.Fall(
                context, alone, surrogates, context.Tolerance(Points), measured,
                "The plain score's gradient misses what a smoother one finds: quote the number with surrogates (apgd:surrogates=true) as the white-box result.")
            ?? new AuditFinding(AuditStatus.Pass, measured, "The plain score's gradient already finds what smoother ones find.");
    }

    /// <summary>The worst score of each image under any of some attacks.</summary>
    private static double[] Together(AuditContext context, IReadOnlyList<Trial> trials) =>
        [.. Enumerable.Range(0, context.IsAnomalous.Length).Select(i => (context.IsAnomalous[i] ? -1 : 1) * trials.Max(trial => trial.Objectives[i]))];
}
