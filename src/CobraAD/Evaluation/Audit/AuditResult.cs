using CobraAD.Attacks;
using CobraAD.Evaluation.Robustness;

namespace CobraAD.Evaluation.Audit;

/// <summary>
/// What an audit found: sixteen reasons to distrust robust numbers, each looked into. Dispose it when the attacked images are no longer
/// needed.
/// </summary>
public sealed record AuditResult : IDisposable
{
    /// <summary>The detector's name.</summary>
    public required string Detector { get; init; }

    /// <summary>What the attacker could do, where a check does not set its own radius.</summary>
    public required ThreatModel Threat { get; init; }

    /// <summary>What the audit was allowed to cost.</summary>
    public required Budget Budget { get; init; }

    /// <summary>How many normal images were used.</summary>
    public required int Normals { get; init; }

    /// <summary>How many anomalous images were used.</summary>
    public required int Anomalies { get; init; }

    /// <summary>AUROC of the untouched images.</summary>
    public required double CleanAuroc { get; init; }

    /// <summary>AUROC under everything that the audit ran within the threat model.</summary>
    public required double WorstAuroc { get; init; }

    /// <summary>Every attack that a check ran within the threat model, as an evaluation of its own; disposed with the audit.</summary>
    public required RobustnessResult Evaluation { get; init; }

    /// <summary>The checks, by number.</summary>
    public required IReadOnlyList<AuditCheck> Checks { get; init; }

    /// <summary>Wall time.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>The checks whose criterion does not hold.</summary>
    public IEnumerable<AuditCheck> Flagged => Checks.Where(check => check.Status == AuditStatus.Flag);

    /// <inheritdoc/>
    public void Dispose() => Evaluation.Dispose();
}
