using CobraAD.Methods.Cobra.Scores;

namespace CobraAD.Methods.Cobra;

/// <summary>The catalogue of scores: what each <see cref="CobraScore"/> computes, and what an attacker may climb in its place.</summary>
internal static class CobraScores
{
    private static readonly double[] Temperatures = [0.03, 0.1, 0.3, 1];

    /// <summary>Every form has a slope where another is flat or led by one entry, so each is a stand-in for every other.</summary>
    private static readonly ScoreForm[] OfTheBank =
        [new Similarity(), .. Temperatures.Select(temperature => new SmoothSimilarity(temperature)), new MeanSimilarity(10), new CenterSimilarity(1)];

    /// <summary>Enough of them where they are one part of a sum.</summary>
    private static readonly ScoreForm[] InSums = [new Similarity(), new SmoothSimilarity(0.3), new CenterSimilarity(1)];

    /// <summary>The form of a score.</summary>
    /// <param name="score">Any but <see cref="CobraScore.Auto"/>, which is a choice among them.</param>
    /// <param name="constants">Its constants; the defaults when <see langword="null"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The catalogue does not have it.</exception>
    public static ScoreForm Of(CobraScore score, CobraScoreConstants? constants = null)
    {
        constants ??= new CobraScoreConstants();
        return score switch
        {
            CobraScore.Similarity => new Similarity(),
            CobraScore.Classifier => new AnomalyProbability(),
            CobraScore.Sum => new SumOf(new Similarity(), new AnomalyProbability()),
            CobraScore.InnerProduct => new InnerProduct(),
            CobraScore.Smooth => Smooth(constants),
            CobraScore.Center => new CenterSimilarity(constants.Centers),
            CobraScore.Trimmed => new TrimmedSimilarity(constants.Trimmed),
            CobraScore.LogOdds => new LogOdds(),
            CobraScore.SmoothAndLogOdds => new SumOf(Smooth(constants), new LogOdds(), constants.LogOddsWeight ?? 1),
            _ => throw new ArgumentOutOfRangeException(nameof(score), score, $"Score must be one of {string.Join(", ", Enum.GetValues<CobraScore>().Where(known => known != CobraScore.Auto))}."),
        };
    }

    /// <summary>What an attacker may climb in place of a score.</summary>
    /// <param name="form">The score's form.</param>
    /// <param name="hasClassifier">Whether H has learnt anything.</param>
    public static IReadOnlyList<ScoreForm> SurrogatesOf(ScoreForm form, bool hasClassifier)
    {
        IEnumerable<ScoreForm> all = form switch
        {
            InnerProduct => [new MeanInnerProduct(10), .. OfTheBank],
            SumOf sum => [.. InSums.Select(part => new SumOf(part, Unsaturated(sum.Second), sum.Weight)), .. InSums],
            _ => OfTheBank,
        };
        if (hasClassifier) all = all.Append(new LogOdds());
        return [.. all.Where(other => other.Name != form.Name).DistinctBy(other => other.Name)];
    }

    /// <summary>Whether a score asks the classifier H, which has learnt nothing where a training has no pseudo-anomalies.</summary>
    public static bool NeedsClassifier(CobraScore score) => score != CobraScore.Auto && Of(score).NeedsClassifier;

    private static SmoothSimilarity Smooth(CobraScoreConstants constants) => new(constants.Temperature, constants.LeastSpread);

    /// <summary>A probability near 0 or 1 has no slope; its log-odds have.</summary>
    private static ScoreForm Unsaturated(ScoreForm form) => form is AnomalyProbability ? new LogOdds() : form;
}
