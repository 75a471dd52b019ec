using CobraAD.Attacks;
using CobraAD.Attacks.BlackBox;
using CobraAD.Attacks.Gradient;

namespace CobraAD.Evaluation.Audit.Checks;

/// <summary>An attacker who may change nothing changes nothing.</summary>
internal sealed class ZeroRadius : IAuditCheck
{
    public int Number => 1;

    public string Name => "No radius, no effect";

    public string Criterion => "At ε = 0 every score equals the clean one bit for bit";

    public bool NeedsGradient => false;

    public AuditFinding Run(AuditContext context)
    {
        IAttack attack = context.HasGradient ? new Pgd { Steps = 5, Restarts = 2 } : new Square { Queries = 5 };
        Trial trial = context.Attack(attack, context.Threat with { Epsilon = 0 });
        int different = trial.Ledger.WorstScores.Where((score, i) => score != context.CleanScores[i]).Count();
        return AuditFinding.Of(
            different == 0, $"{different} of {trial.Ledger.Count} scores differ, AUROC {AuditFinding.Percent(trial.Auroc)} and {AuditFinding.Percent(context.CleanAuroc)} clean",
            "The same image gets the same score however often it is asked for.",
            "The score of an untouched image changes from call to call: it is random or depends on other images, so no number of this evaluation can be relied on.");
    }
}
