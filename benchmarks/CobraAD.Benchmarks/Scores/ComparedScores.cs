using CobraAD.Methods.Cobra;
using CobraAD.Methods.Cobra.Scores;

namespace CobraAD.Benchmarks.Scores;

/// <summary>The scores that studies see a trained network through; each is a surrogate for every other.</summary>
internal static class ComparedScores
{
    /// <summary>The paper's score.</summary>
    public const string Paper = "A = -max cos";

    /// <summary>The forms under the names that tables give them.</summary>
    /// <param name="detector">Whose constants they have but for the temperature.</param>
    public static (string Name, ScoreForm Form)[] Of(CobraDetector detector)
    {
        return
        [
            (Paper, new Similarity()), ("trimmed 20 %", new TrimmedSimilarity(0.2)), ("smooth 0.1", At(CobraScore.Smooth, 0.1)),
            ("smooth 0.3", At(CobraScore.Smooth, 0.3)), ("smooth 1", At(CobraScore.Smooth, 1)), ("center", new CenterSimilarity(1)),
            ("4 centers", new CenterSimilarity(4)), ("log-odds of H", new LogOdds()), ("smooth 1 + log-odds", At(CobraScore.SmoothAndLogOdds, 1)),
        ];

        ScoreForm At(CobraScore score, double temperature) => CobraScores.Of(score, detector.Card.ScoreConstants with { Temperature = temperature });
    }
}
