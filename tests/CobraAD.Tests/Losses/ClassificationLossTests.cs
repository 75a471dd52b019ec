using System.Text.Json;
using CobraAD.Losses;
using CobraAD.Tests.Golden;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Losses;

public sealed class ClassificationLossTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Value_gradient_and_anomaly_probability_equal_the_golden_file(int index)
    {
        using DisposeScope scope = NewDisposeScope();
        JsonElement golden = GoldenFile.Read("classification_loss.json").GetProperty("cases")[index];
        Tensor logits = golden.GetProperty("logits").Array().requires_grad_();
        Tensor labels = golden.GetProperty("labels").Array().to(ScalarType.Int64);

        Tensor loss = ClassificationLoss.Value(logits, labels);
        autograd.backward([loss], inputs: [logits]);

        Assert.Equal(golden.GetProperty("loss").GetDouble(), loss.item<double>(), 1e-9);
        Assert.Equal(golden.GetProperty("loss").GetDouble(), ClassificationLoss.PerRow(logits, labels).mean().item<double>(), 1e-9);
        TensorAssert.Close(golden.GetProperty("grad").Array(), logits.grad!, 1e-9);
        if (golden.TryGetProperty("anomaly_probability", out JsonElement probability))
            TensorAssert.Close(probability.Array(), ClassificationLoss.AnomalyProbability(logits), 1e-9);
    }

    [Fact]
    public void The_objective_is_the_contrastive_plus_the_weighted_classification_loss()
    {
        using DisposeScope scope = NewDisposeScope();
        PairLayout layout = new(2, 3);
        CobraObjective objective = new(ContrastiveLosses.Create(new ContrastiveLossOptions()), classificationWeight: 3);
        Tensor embeddings = arange(layout.Rows * 5, float64).sin().view(layout.Rows, 5);
        Tensor logits = embeddings.narrow(1, 0, 2);

        ObjectiveParts parts = objective.Outer(embeddings, logits, layout);
        Tensor inner = objective.Inner(embeddings.narrow(0, 8, 4), logits.narrow(0, 8, 4), embeddings.narrow(0, 0, 8), layout);

        Assert.Equal(parts.Contrastive.item<double>() + 3 * parts.Classification.item<double>(), parts.Total.item<double>(), 1e-12);
        Assert.Equal(ClassificationLoss.Value(logits, layout.Labels()).item<double>(), parts.Classification.item<double>(), 1e-12);
        Tensor classification = ClassificationLoss.PerRow(logits.narrow(0, 8, 4), tensor(new long[] { 0, 0, 1, 1 }));
        TensorAssert.Close(objective.Contrastive.Inner(embeddings.narrow(0, 8, 4), embeddings.narrow(0, 0, 8), layout) + 3 * classification, inner, 1e-12);
    }
}
