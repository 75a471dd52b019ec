using CobraAD.Attacks;
using CobraAD.Attacks.BlackBox;
using CobraAD.Attacks.Gradient;
using CobraAD.Evaluation.Robustness;

namespace CobraAD.Evaluation.Audit.Checks;

/// <summary>A larger radius must help, in the end completely.</summary>
internal sealed class RadiusCurve : IAuditCheck
{
    private const double PlateauAuroc = 0.05, PlateauFall = 0.005;

    private static readonly int[] Levels = [1, 2, 4, 8, 16, 32, 64];

    /// <summary>Where a detector that was made for large radii has a level curve at first.</summary>
    private static readonly int[] FurtherLevels = [128, 255];

    public int Number => 4;

    public string Name => "AUROC against the radius";

    public string Criterion => "AUROC over ε = 0, 1, 2, 4 … 64/255 never rises, falls somewhere, and has no plateau above 5% at the end, nor at 128 and 255/255 where it has one there";

    public bool NeedsGradient => false;

    public AuditFinding Run(AuditContext context)
    {
        IAttack attack = context.HasGradient ? new Pgd { Steps = context.Size.Steps } : new Square { Queries = context.Size.Queries };
        RobustnessOptions options = new() { BatchSize = context.Options.BatchSize, Seed = context.Options.Seed, BootstrapReplicates = 100 };
        double[] aurocs = [context.CleanAuroc, .. Curve(Levels)];
        // A detector that was made for a large radius is level up to there, and an honest one falls beyond it.
        if (IsLevel()) aurocs = [.. aurocs, .. Curve(FurtherLevels).Select(auroc => Math.Min(auroc, aurocs[^1]))];
        // A detector that ranks every untouched image wrongly has nowhere to fall.
        bool falls = aurocs.Zip(aurocs.Skip(1)).All(pair => pair.Second <= pair.First) && (aurocs[^1] < aurocs[0] || aurocs[0] == 0);
        return AuditFinding.Of(
            falls && !IsLevel(), string.Join(" → ", aurocs.Select(AuditFinding.Percent)),
            "More radius does more harm, as it does to every detector that is really attacked.",
            "More radius stops doing harm: beyond some point the attack is blind, so smaller radii are not measured either.");

        bool IsLevel() => aurocs[^1] > PlateauAuroc && aurocs[^2] - aurocs[^1] < PlateauFall;

        double[] Curve(int[] levels)
        {
            SecurityCurveEvaluator evaluator = new(context.Detector, context.Threat.Norm, Radii(context, levels), [attack], options);
            IReadOnlyList<RobustnessResult> results = evaluator.Evaluate(new EvaluationSet(context.Images, context.IsAnomalous), context.Passes, context.Cancellation);
            double[] found = [.. results.Select(result => result.Union.Metrics.Auroc)];
            foreach (RobustnessResult result in results) result.Dispose();
            return found;
        }
    }

    // The ℓ2 radii move every pixel by as much as the ℓ∞ ones.
    private static double[] Radii(AuditContext context, int[] levels)
    {
        double unit = (context.Threat.Norm == Norm.Linf ? 1 : Math.Sqrt(context.Images.numel() / context.Images.size(0))) / 255;
        return [.. levels.Select(level => level * unit)];
    }
}
