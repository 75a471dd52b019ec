using CobraAD.Attacks.Gradient;

namespace CobraAD.Evaluation.Audit.Checks;

/// <summary>Smoother objectives must not find what the plain score's gradient misses.</summary>
internal sealed class SurrogatesAddNothing : IAuditCheck
{
    private const double Points = 1;

    public int Number => 13;

    public string Name => "Smooth surrogates";

    public string Criterion => "Attacks on the detector's surrogates lower AUROC by at most 1 point against the plain score's gradient";

    public AuditFinding Run(AuditContext context)
    {
        if (context.SurrogateAttack is not { } climb) return AuditFinding.Skip("The detector offers no surrogate of its score.");
        Trial plain = context.Attack(new Apgd { Steps = context.Size.Steps, Restarts = 1 }), smooth = context.Attack(climb);
        double together = context.Auroc([.. plain.Objectives.Zip(smooth.Objectives, Math.Max).Select((j, i) => context.IsAnomalous[i] ? -j : j)]);
        return AuditFinding.Of(
            plain.Auroc - together <= context.Tolerance(Points), $"plain {AuditFinding.Percent(plain.Auroc)}, with surrogates {AuditFinding.Percent(together)}",
            "The plain score's gradient already finds what smoother ones find.",
            "The plain score's gradient misses what a smoother one finds: quote the number with surrogates (apgd:surrogates=true) as the white-box result.");
    }
}
