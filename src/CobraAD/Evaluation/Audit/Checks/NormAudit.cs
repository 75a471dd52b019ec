namespace CobraAD.Evaluation.Audit.Checks;

/// <summary>Every recorded point must be admissible and have the score that was recorded.</summary>
internal sealed class NormAudit : IAuditCheck
{
    public int Number => 15;

    public string Name => "Recorded points";

    public string Criterion => "Every recorded point lies in the ball and in [0, 1], and scores in a fresh pass what was recorded, to 1% of the clean scores' spread or the rounding of float32";

    public bool NeedsGradient => false;

    public AuditFinding Run(AuditContext context)
    {
        context.Attack(context.Usual);
        Trial[] trials = [.. context.Trials];
        int rejected = trials.Sum(trial => trial.Audit.Rejected);
        double farthest = trials.Where(trial => trial.Ledger.Threat.Epsilon > 0).Max(trial => trial.Audit.LargestDistance / trial.Ledger.Threat.Epsilon);
        double largest = trials.Max(trial => trial.Audit.LargestScoreDifference);
        return AuditFinding.Of(
            trials.All(trial => trial.Audit.Confirms(context.CleanScores)),
            $"{trials.Length} attacks: {rejected} points refused, farthest {AuditFinding.Number(farthest)} ε, scores differ by at most {AuditFinding.Number(largest)}",
            "Every number stands on a point that a fresh pass confirms.",
            "Recorded points do not hold in a fresh pass: the score is random or couples images, or a point left the ball.");
    }
}
