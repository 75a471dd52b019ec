using System.Collections.Frozen;
using System.Globalization;
using CobraAD.Methods.Cobra.Scores;

namespace CobraAD.Methods.Cobra;

/// <summary>The catalogue of scores: what each <see cref="CobraScore"/> computes, and what an attacker may climb in its place.</summary>
internal static class CobraScores
{
    private static readonly double[] Temperatures = [0.02, 0.05, 0.1];

    private static readonly FrozenDictionary<CobraScore, ScoreForm> Forms = new Dictionary<CobraScore, ScoreForm>
    {
        [CobraScore.Similarity] = new Similarity { Surrogates = [.. Smooth(form => form), ("mean of the 10 largest similarities", new MeanSimilarity(10))] },
        [CobraScore.Classifier] = new AnomalyProbability { Surrogates = [("log-odds of H", new LogOdds())] },
        [CobraScore.Sum] = new SumOf(new Similarity(), new AnomalyProbability())
        {
            Surrogates = [.. Smooth(form => new SumOf(form, new AnomalyProbability())), ("similarity + log-odds of H", new SumOf(new Similarity(), new LogOdds()))],
        },
        [CobraScore.InnerProduct] = new InnerProduct { Surrogates = [("mean of the 10 largest inner products", new MeanInnerProduct(10))] },
    }.ToFrozenDictionary();

    /// <summary>The form of a score.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The catalogue does not have it.</exception>
    public static ScoreForm Of(CobraScore score) =>
        Forms.TryGetValue(score, out ScoreForm? form) ? form : throw new ArgumentOutOfRangeException(nameof(score), score, $"Score must be one of {string.Join(", ", Forms.Keys)}.");

    private static IEnumerable<(string Name, ScoreForm Form)> Smooth(Func<ScoreForm, ScoreForm> within) => Temperatures.Select(temperature => (
        string.Create(CultureInfo.InvariantCulture, $"log-sum-exp of the similarities, temperature {temperature}"), within(new SmoothSimilarity(temperature))));
}
