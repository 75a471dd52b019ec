using CobraAD.Methods.Cobra;
using CobraAD.Methods.Cobra.Bank;
using CobraAD.Methods.Cobra.Scores;
using CobraAD.Networks;
using CobraAD.Serialization;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Methods.Cobra;

/// <summary>The forms of COBRA's score, against numbers worked out by hand.</summary>
public sealed class CobraScoresTests
{
    /// <summary>cos 1, 0.6 and 0 to the embedding (3, 0), inner products 3, 9 and 0; logits 1 and 2.</summary>
    private static readonly double[] Entries = [1, 0, 3, 4, 0, 2];

    /// <summary>The bank's directions (1, 0), (0.6, 0.8), (0, 1) have the mean direction (16, 18)/√580, to which their cosines are:</summary>
    private static readonly double[] ToMean = [16 / Math.Sqrt(580), 24 / Math.Sqrt(580), 18 / Math.Sqrt(580)];

    private static readonly double Spread = 1 - ToMean[2];

    public static TheoryData<CobraScore, double, double> Scores => new()
    {
        { CobraScore.Similarity, -1, -0.6 },
        { CobraScore.Classifier, Sigmoid(1), Sigmoid(1) },
        { CobraScore.Sum, -1 + Sigmoid(1), -0.6 + Sigmoid(1) },
        { CobraScore.InnerProduct, -9, -3 },
        { CobraScore.Smooth, Smooth(0.5, 1, 0.6, 0), Smooth(0.5, 0.6, 0) },
        { CobraScore.Center, -ToMean[0], -ToMean[0] },
        // A third of three entries goes: (1, 0), the farthest from the mean.
        { CobraScore.Trimmed, -0.6, 0 },
        { CobraScore.LogOdds, 1, 1 },
        { CobraScore.SmoothAndLogOdds, Smooth(0.5, 1, 0.6, 0) + 2, Smooth(0.5, 0.6, 0) + 2 },
    };

    [Theory]
    [MemberData(nameof(Scores))]
    public void A_score_is_its_formula_and_leaves_the_image_itself_out_where_the_bank_holds_it(CobraScore score, double expected, double withoutNearest)
    {
        CobraScoreConstants constants = new() { Temperature = 0.5, Trimmed = 1 / 3.0, LogOddsWeight = 2 };

        Assert.Equal(expected, Value(CobraScores.Of(score, constants)), 1e-7);
        Assert.Equal(withoutNearest, Value(CobraScores.Of(score, constants), leftOut: 1), 1e-7);
    }

    [Fact]
    public void What_only_an_attacker_climbs_has_its_formula_too()
    {
        Assert.Equal(-0.8, Value(new MeanSimilarity(2)), 1e-7);
        Assert.Equal(-6, Value(new MeanInnerProduct(2)), 1e-7);
    }

    [Fact]
    public void The_smooth_maximum_lies_between_the_largest_similarity_and_the_mean()
    {
        Assert.Equal(-1, Value(new SmoothSimilarity(1e-3)), 1e-3);
        Assert.Equal(-1.6 / 3, Value(new SmoothSimilarity(1000)), 1e-3);
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.1)]
    public void The_unit_of_the_temperature_is_the_bank_s_spread_but_never_less_than_the_least(double least)
    {
        double expected = SmoothAt(2 * Math.Max(Spread, least), 1, 0.6, 0);
        CobraScoreConstants constants = new() { Temperature = 2, LeastSpread = least, LogOddsWeight = 2 };

        Assert.Equal(expected, Value(CobraScores.Of(CobraScore.Smooth, constants)), 1e-7);
        Assert.Equal(expected + 2, Value(CobraScores.Of(CobraScore.SmoothAndLogOdds, constants)), 1e-7);
    }

    [Fact]
    public void Another_unit_is_another_score_and_is_not_written_where_there_is_none()
    {
        Assert.NotEqual(new SmoothSimilarity(1).Name, new SmoothSimilarity(1, 0.1).Name);
        Assert.DoesNotContain("leastSpread", CobraJson.ToNode(new CobraScoreConstants())!.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal(0.1, CobraJson.FromNode<CobraScoreConstants>(CobraJson.ToNode(new CobraScoreConstants { LeastSpread = 0.1 })!, "constants").LeastSpread);
        Assert.Throws<ArgumentOutOfRangeException>(new CobraScoreConstants { LeastSpread = -1 }.Validate);
    }

    [Theory]
    [InlineData("tiny", 0.1)]
    [InlineData("fast", 0.1)]
    [InlineData("parts", 0)]
    [InlineData("paper", 0)]
    public void A_class_among_others_has_a_least_spread_and_parts_have_none(string preset, double least) =>
        Assert.Equal(least, CobraPresets.Get(preset, 64).ScoreConstants.LeastSpread);

    [Fact]
    public void A_score_asks_the_nearest_of_several_centers()
    {
        Assert.Equal(-1, Value(new CenterSimilarity(3)), 1e-7);
        Assert.Equal(-1, Value(new CenterSimilarity(50)), 1e-7);
    }

    [Theory]
    [MemberData(nameof(Named))]
    public void Every_score_is_climbed_by_way_of_the_others(CobraScore score)
    {
        ScoreForm form = CobraScores.Of(score);
        string[] names = [.. CobraScores.SurrogatesOf(form, hasClassifier: true).Select(other => other.Name)];

        Assert.Equal(names.Distinct(), names);
        Assert.DoesNotContain(form.Name, names);
        Assert.Contains("log-odds of H", names.Append(form.Name));
        Assert.All([new Similarity().Name, new CenterSimilarity(1).Name], name => Assert.Contains(name, names.Append(form.Name)));
        Assert.DoesNotContain("log-odds of H", CobraScores.SurrogatesOf(new Similarity(), hasClassifier: false).Select(other => other.Name));
    }

    public static TheoryData<CobraScore> Named => [.. Enum.GetValues<CobraScore>().Where(score => score != CobraScore.Auto)];

    [Theory]
    [InlineData(CobraScore.Auto)]
    [InlineData((CobraScore)99)]
    public void What_is_no_score_by_itself_has_no_form(CobraScore score) => Assert.Throws<ArgumentOutOfRangeException>(() => CobraScores.Of(score));

    [Fact]
    public void A_form_needs_the_classifier_if_one_of_its_parts_does()
    {
        CobraScore[] independent = [.. Enum.GetValues<CobraScore>().Where(score => !CobraScores.NeedsClassifier(score))];

        Assert.Equal([CobraScore.Similarity, CobraScore.InnerProduct, CobraScore.Smooth, CobraScore.Center, CobraScore.Trimmed, CobraScore.Auto], independent);
    }

    private static double Smooth(double temperature, params double[] cosines) => SmoothAt(temperature * Spread, cosines);

    private static double SmoothAt(double t, params double[] cosines) => -t * Math.Log(cosines.Average(cosine => Math.Exp(cosine / t)));

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    private static double Value(ScoreForm form, int leftOut = 0)
    {
        using DisposeScope scope = NewDisposeScope();
        using EmbeddingBank bank = new(tensor(Entries, ScalarType.Float32).view(3, 2));
        Tensor embedding = tensor(new float[,] { { 3, 0 } });
        Tensor logits = tensor(new float[,] { { 1, 2 } });
        CobraOutput output = new(embedding, embedding, logits, logits);
        return form.Of(new ScoreInput(output, bank, leftOut)).item<double>();
    }
}
