using CobraAD.Losses.Pixels;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Losses.Pixels;

public sealed class FocalLossTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(0)]
    [InlineData(0.5)]
    public void It_is_the_mean_of_the_formula_over_the_pixels(double focus)
    {
        using DisposeScope scope = NewDisposeScope();
        double[] normal = [0.3, -2, 4, 0], anomalous = [1.1, 3, -5, 0], labels = [1, 0, 0, 1];
        Tensor logits = stack([tensor(normal), tensor(anomalous)]).view(1, 2, 2, 2), mask = tensor(labels).view(1, 1, 2, 2);

        double expected = 0;
        for (int i = 0; i < 4; i++)
        {
            double p = 1 / (1 + Math.Exp(normal[i] - anomalous[i])), own = labels[i] == 1 ? p : 1 - p;
            double certainty = own * (1 - 1e-5) + (1 - own) * 1e-5 + 1e-5;
            expected -= Math.Pow(1 - certainty, focus) * Math.Log(certainty) / 4;
        }

        Assert.Equal(expected, FocalLoss.Of(logits, mask, focus).item<double>(), 1e-12);
    }

    [Fact]
    public void Certain_pixels_give_a_finite_gradient()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor logits = tensor(new[] { -60f, 60f }).view(1, 2, 1, 1).requires_grad_();

        FocalLoss.Of(logits, ones(1, 1, 1, 1), 2).backward();

        Assert.True(logits.grad!.isfinite().all().item<bool>());
    }
}
