using CobraAD.Attacks;
using CobraAD.Attacks.Records;
using CobraAD.Evaluation.Metrics;

namespace CobraAD.Evaluation.Robustness;

/// <summary>How a detector holds against a list of attacks. Dispose it when its images are no longer needed.</summary>
public sealed record RobustnessResult : IDisposable
{
    /// <summary>The detector's name.</summary>
    public required string Detector { get; init; }

    /// <summary>What the attacker could do.</summary>
    public required ThreatModel Threat { get; init; }

    /// <summary>The options it ran with.</summary>
    public required RobustnessOptions Options { get; init; }

    /// <summary>Index of each sampled image in the test set, ascending.</summary>
    public required IReadOnlyList<int> Sample { get; init; }

    /// <summary>The label of each sampled image.</summary>
    public required IReadOnlyList<bool> IsAnomalous { get; init; }

    /// <summary>The untouched images.</summary>
    public required ScoredImages Clean { get; init; }

    /// <summary>Each attack of the list.</summary>
    public required IReadOnlyList<AttackOutcome> Attacks { get; init; }

    /// <summary>The worst of all attacks for each image.</summary>
    public required ScoredImages Union { get; init; }

    /// <summary>The recorded points of the union, and which attack found each of them.</summary>
    public required Ledger Ledger { get; init; }

    /// <summary>Whether the numbers are worst cases or, for comparison only, last iterates of single runs.</summary>
    public CandidateRule Rule => Options.Rule;

    /// <summary>
    /// Whether a fresh pass confirmed what every attack recorded. If not, the score is random or depends on the other images of a batch,
    /// and the numbers cannot be relied on.
    /// </summary>
    public bool IsConfirmed => Attacks.All(attack => attack.Audit.Confirms(Clean.Scores));

    /// <inheritdoc/>
    public void Dispose() => Ledger.Dispose();
}
