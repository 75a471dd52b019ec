using CobraAD.Methods.Cobra;
using CobraAD.Methods.Cobra.Scores;

namespace CobraAD.Benchmarks.Scores;

/// <summary>The scores that studies see a trained network through; each is a surrogate for every other.</summary>
internal static class ComparedScores
{
    /// <summary>The paper's score.</summary>
    public const string Paper = "A = -max cos";

    /// <summary>The forms under the names that tables give them.</summary>
    /// <param name="detector">Whose weight the sum with the log-odds has.</param>
    public static (string Name, ScoreForm Form)[] Of(CobraDetector detector) =>
    [
        (Paper, new Similarity()), ("trimmed 20 %", new TrimmedSimilarity(0.2)), ("smooth 0.1", Smooth(detector, 0.1)),
        ("smooth 0.3", Smooth(detector, 0.3)), ("smooth 1", Smooth(detector, 1)), ("center", new CenterSimilarity(1)),
        ("4 centers", new CenterSimilarity(4)), ("log-odds of H", new LogOdds()),
        ("smooth 1 + log-odds", CobraScores.Of(CobraScore.SmoothAndLogOdds, detector.Card.ScoreConstants with { Temperature = 1 })),
    ];

    private static SmoothSimilarity Smooth(CobraDetector detector, double temperature) => CobraScores.Smooth(detector.Card.ScoreConstants with { Temperature = temperature });
}
