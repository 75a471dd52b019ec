using System.Globalization;
using CobraAD.Benchmarks.Scores;
using CobraAD.Numerics;

namespace CobraAD.Benchmarks.Trainings;

/// <summary>Variants beside the preset as it is. Differences are of pairs: the same class, the same seed, the same images.</summary>
internal sealed class TrainingTable
{
    private const int Replicates = 10_000;

    private readonly Dictionary<(string Variant, string Training), TrainingResult> results;

    public TrainingTable(IEnumerable<TrainingResult> found) => results = found.ToDictionary(result => (result.Variant, Training(result)));

    /// <summary>Writes Markdown.</summary>
    public void Write(TextWriter output)
    {
        output.WriteLine("| training | trainings | untouched / attacked, chosen score | difference attacked [95 %] | untouched | A attacked, difference | smooth 1 attacked, difference | processor time |");
        output.WriteLine("|---|---|---|---|---|---|---|---|");
        foreach (TrainingVariant variant in TrainingVariant.All)
        {
            (TrainingResult Own, TrainingResult Usual)[] pairs = [.. Pairs(variant.Name)];
            if (pairs.Length == 0) continue;
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {variant.Meaning} | {pairs.Length} | {100 * pairs.Average(pair => Chosen(pair.Own).Clean):0.0} / {100 * pairs.Average(pair => Chosen(pair.Own).Attacked):0.0} | {Difference(pairs, result => Chosen(result).Attacked)} | {Difference(pairs, result => Chosen(result).Clean)} | {Difference(pairs, result => result.Scores[ComparedScores.Paper].Attacked)} | {Difference(pairs, result => result.Scores["smooth 1"].Attacked)} | {pairs.Sum(pair => pair.Own.Seconds) / pairs.Sum(pair => pair.Usual.Seconds):0.00} |"));
        }
    }

    private static string Training(TrainingResult result) => $"{result.Data}, {result.NormalClass}, {result.Seed}";

    private static ScoredTraining Chosen(TrainingResult result) => result.Scores[result.Chosen];

    private IEnumerable<(TrainingResult Own, TrainingResult Usual)> Pairs(string variant)
    {
        foreach (TrainingResult own in results.Values.Where(result => result.Variant == variant))
        {
            if (results.TryGetValue((TrainingVariant.Usual, Training(own)), out TrainingResult? usual)) yield return (own, usual);
        }
    }

    /// <summary>The mean difference in points, with the interval of resampled pairs.</summary>
    private static string Difference((TrainingResult Own, TrainingResult Usual)[] pairs, Func<TrainingResult, double> value)
    {
        double[] differences = [.. pairs.Select(pair => 100 * (value(pair.Own) - value(pair.Usual)))];
        if (differences.All(difference => difference == 0)) return "0";
        Random random = new(0);
        double[] means = [.. Enumerable.Range(0, Replicates).Select(_ => differences.Average(_ => differences[random.Next(differences.Length)])).Order()];
        return string.Create(CultureInfo.InvariantCulture, $"{differences.Average():+0.0;-0.0;0} [{Quantile.Interpolated(means, 0.025):0.0} to {Quantile.Interpolated(means, 0.975):0.0}]");
    }
}
