using CobraAD.Attacks.Gradient;
using CobraAD.Numerics;

namespace CobraAD.Evaluation.Audit.Checks;

/// <summary>Smoother objectives must not find what the plain score's gradient misses.</summary>
internal sealed class SurrogatesAddNothing : IAuditCheck
{
    private const double Points = 1, MostGain = 0.05;

    public int Number => 13;

    public string Name => "Smooth surrogates";

    public string Criterion => "As many attacks on the detector's surrogates, and attacks on a smoothed copy of the score, lower AUROC by at most 1 point against the plain score's gradient; the latter raise the objective of the median image that is not ranked wrongly altogether by less than 5% of the clean scores' spread";

    public AuditFinding Run(AuditContext context)
    {
        // As many runs on the one side as on the other, so that smoothness is compared and not effort.
        List<Trial> plain = [context.Attack(context.PlainEqual), context.Attack(context.Reference with { Restarts = 2 * context.Size.Restarts })];
        Trial first = context.Attack(new Apgd { Steps = context.Size.Steps, Restarts = 1 });
        Trial smooth = context.Attack(context.SmoothedAttack);
        double[] alone = Together(context, plain), smoothed = Together(context, [plain[1], smooth]);
        double[] surrogates = context.SurrogateAttack is { } climb ? Together(context, [plain[1], first, context.Attack(climb)]) : alone;
        // A roughened way costs an attack something on every image, which a few pairs of images cannot show in their AUROC.
        double[] gains = [.. context.OpenImages(plain[1]).Select(i => smooth.Objectives[i] - plain.Max(trial => trial.Objectives[i])).Order()];
        double gain = gains.Length == 0 ? 0 : Quantile.Upper(gains, 0.5) / context.Spread;
        string measured =
            $"plain {AuditFinding.Percent(context.Auroc(alone))}, {(context.SurrogateAttack is null ? "no surrogates" : $"with surrogates {AuditFinding.Percent(context.Auroc(surrogates))}")}, smoothed {AuditFinding.Percent(context.Auroc(smoothed))}, which gains {AuditFinding.Percent(gain)} of the spread on the median image";
        const string roughened = "Averaged over a small neighbourhood the score's slope leads further than its gradient does: something roughens the way. The gradient attacks' numbers are too good.";
        if (gain >= MostGain) return new AuditFinding(AuditStatus.Flag, measured, roughened);
        return AuditFinding.Fall(context, alone, smoothed, context.Tolerance(Points), measured, roughened)
            ?? AuditFinding.Fall(
                context, alone, surrogates, context.Tolerance(Points), measured,
                "The plain score's gradient misses what a smoother one finds: quote the number with surrogates (apgd:surrogates=true) as the white-box result.")
            ?? new AuditFinding(AuditStatus.Pass, measured, "The plain score's gradient already finds what smoother ones find.");
    }

    /// <summary>The worst score of each image under any of some attacks.</summary>
    private static double[] Together(AuditContext context, IReadOnlyList<Trial> trials) =>
        [.. Enumerable.Range(0, context.IsAnomalous.Length).Select(i => (context.IsAnomalous[i] ? -1 : 1) * trials.Max(trial => trial.Objectives[i]))];
}
