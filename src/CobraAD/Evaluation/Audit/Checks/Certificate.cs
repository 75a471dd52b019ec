using CobraAD.Attacks;
using CobraAD.Detection;

namespace CobraAD.Evaluation.Audit.Checks;

/// <summary>No attack may do more harm than a certificate allows.</summary>
internal sealed class Certificate : IAuditCheck
{
    public int Number => 16;

    public string Name => "Certified lower bound";

    public string Criterion => "AUROC under every attack ≥ AUROC with all scores shifted by L·ε in the attacker's favour";

    public bool NeedsGradient => false;

    public AuditFinding Run(AuditContext context)
    {
        if ((context.Options.LipschitzConstant ?? OwnConstant(context)) is not { } constant) return AuditFinding.Skip("The detector claims no certificate: no Lipschitz constant was given.");
        double shift = constant * context.Threat.Epsilon;
        double certified = context.Auroc([.. context.CleanScores.Select((score, i) => context.IsAnomalous[i] ? score - shift : score + shift)]);
        context.Attack(context.Usual);
        double worst = context.WorstAuroc;
        return AuditFinding.Of(
            worst >= certified - 1e-9, $"attacked {AuditFinding.Percent(worst)}, certified {AuditFinding.Percent(certified)}",
            "No attack does more harm than the certificate allows.",
            "An attack does more harm than the certificate allows: the certificate is wrong.");
    }

    /// <summary>What the detector itself claims, in the threat model's norm: ‖δ‖₂ ≤ √d ‖δ‖∞ of d numbers.</summary>
    private static double? OwnConstant(AuditContext context) => context.Detector is not ILipschitzScore certified ? null
        : context.Threat.Norm == Norm.L2 ? certified.LipschitzConstant
        : certified.LipschitzConstant * Math.Sqrt(context.Images.numel() / (double)context.Images.size(0));
}
