using System.Text.Json.Serialization;

namespace CobraAD.Methods.Cobra;

/// <summary>Which score a detector reports, and why.</summary>
/// <param name="Score">The score.</param>
/// <param name="Constants">Its constants, none of them open.</param>
/// <param name="Candidates">What it was chosen among, best first; empty where the options name the score.</param>
public sealed record ScoreChoice(CobraScore Score, CobraScoreConstants Constants, IReadOnlyList<ScoreCandidate> Candidates)
{
    /// <summary>The score as reports call it, with its constants.</summary>
    [JsonIgnore]
    public string Name => CobraScores.Of(Score, Constants).Name;
}
