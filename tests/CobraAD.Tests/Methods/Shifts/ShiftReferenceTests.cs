using System.Text.Json;
using CobraAD.Methods.Shifts;
using CobraAD.Tests.Golden;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Methods.Shifts;

public sealed class ShiftReferenceTests
{
    private const double Tolerance = 1e-9;

    [Fact]
    public void Axes_weights_and_scores_equal_the_executed_released_code()
    {
        using DisposeScope scope = NewDisposeScope();
        JsonElement golden = GoldenFile.Read("score_reference_ensemble.json");
        using ShiftReference reference = ShiftReference.Of(Averaged(golden, "train_simclr"), Averaged(golden, "train_logits"));

        Tensor scores = reference.Normality(Averaged(golden, "test_simclr"), Averaged(golden, "test_logits"));

        TensorAssert.Close(golden.GetProperty("axis").Array(), reference.Axes, Tolerance);
        TensorAssert.Close(golden.GetProperty("weight_sim").Array(), reference.SimilarityWeights, Tolerance);
        TensorAssert.Close(golden.GetProperty("weight_shi").Array(), reference.ShiftWeights, Tolerance);
        TensorAssert.Close(golden.GetProperty("scores").Array(), scores, Tolerance);
    }

    [Fact]
    public void Similarities_fall_and_their_first_is_the_one_of_the_score()
    {
        using DisposeScope scope = NewDisposeScope();
        JsonElement golden = GoldenFile.Read("score_reference_ensemble.json");
        using ShiftReference reference = ShiftReference.Of(Averaged(golden, "train_simclr"), Averaged(golden, "train_logits"));
        Tensor features = Averaged(golden, "test_simclr"), logits = Averaged(golden, "test_logits");

        Tensor nearest = reference.Similarities(features, 100);

        Assert.Equal([4, 2, 5], nearest.shape);
        Assert.True((nearest.narrow(2, 0, 4) - nearest.narrow(2, 1, 4)).min().item<double>() >= 0);
        TensorAssert.Close(reference.Normality(features, logits), (nearest.select(2, 0) + reference.ShiftParts(logits)).mean([1]), 1e-12);
    }

    private static Tensor Averaged(JsonElement golden, string name) => ShiftReference.Average(golden.GetProperty(name).Array(), golden.GetProperty("K").GetInt32());
}
