using CobraAD.Methods.Cobra;
using CobraAD.Methods.Cobra.Bank;
using CobraAD.Methods.Cobra.Scores;
using CobraAD.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Methods.Cobra;

/// <summary>The forms of COBRA's score, against numbers worked out by hand.</summary>
public sealed class CobraScoresTests
{
    /// <summary>cos 1, 0.6 and 0 to the embedding (3, 0), inner products 3, 9 and 0; logits 1 and 2.</summary>
    private static readonly double[] Entries = [1, 0, 3, 4, 0, 2];

    public static TheoryData<CobraScore, double, double> Scores => new()
    {
        { CobraScore.Similarity, -1, -0.6 },
        { CobraScore.Classifier, Sigmoid(1), Sigmoid(1) },
        { CobraScore.Sum, -1 + Sigmoid(1), -0.6 + Sigmoid(1) },
        { CobraScore.InnerProduct, -9, -3 },
    };

    [Theory]
    [MemberData(nameof(Scores))]
    public void A_score_is_its_formula_and_leaves_the_image_itself_out_where_the_bank_holds_it(CobraScore score, double expected, double withoutNearest)
    {
        Assert.Equal(expected, Value(CobraScores.Of(score)), 1e-7);
        Assert.Equal(withoutNearest, Value(CobraScores.Of(score), leftOut: 1), 1e-7);
    }

    [Fact]
    public void What_an_attacker_may_climb_has_its_formula_too()
    {
        Assert.Equal(-0.5 * Math.Log(Math.Exp(1 / 0.5) + Math.Exp(0.6 / 0.5) + 1), Value(new SmoothSimilarity(0.5)), 1e-7);
        Assert.Equal(-0.8, Value(new MeanSimilarity(2)), 1e-7);
        Assert.Equal(-6, Value(new MeanInnerProduct(2)), 1e-7);
        Assert.Equal(1, Value(new LogOdds()), 1e-7);
    }

    [Fact]
    public void Every_name_has_a_form_with_surrogates_of_different_names()
    {
        Assert.All(Enum.GetValues<CobraScore>(), score =>
        {
            string[] names = [.. CobraScores.Of(score).Surrogates.Select(surrogate => surrogate.Name)];

            Assert.NotEmpty(names);
            Assert.Equal(names.Distinct(), names);
        });
        Assert.Throws<ArgumentOutOfRangeException>(() => CobraScores.Of((CobraScore)99));
    }

    [Fact]
    public void A_form_needs_the_classifier_if_one_of_its_parts_does()
    {
        CobraScore[] independent = [.. Enum.GetValues<CobraScore>().Where(score => !CobraScores.Of(score).NeedsClassifier)];

        Assert.Equal([CobraScore.Similarity, CobraScore.InnerProduct], independent);
    }

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    private static double Value(ScoreForm form, int leftOut = 0)
    {
        using DisposeScope scope = NewDisposeScope();
        using EmbeddingBank bank = new(tensor(Entries, ScalarType.Float32).view(3, 2));
        Tensor embedding = tensor(new float[,] { { 3, 0 } });
        CobraOutput output = new(embedding, embedding, tensor(new float[,] { { 1, 2 } }));
        return form.Of(new ScoreInput(output, bank, leftOut)).item<double>();
    }
}
