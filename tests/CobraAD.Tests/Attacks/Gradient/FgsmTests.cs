using CobraAD.Attacks;
using CobraAD.Attacks.Gradient;
using CobraAD.Attacks.Records;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Attacks.Gradient;

public sealed class FgsmTests
{
    [Theory]
    [InlineData(Norm.Linf)]
    [InlineData(Norm.L2)]
    public void A_single_step_of_length_epsilon_costs_one_gradient_and_one_look(Norm norm)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor weights = AttackTrial.Weights();
        using AnalyticDetector detector = new(x => (x * weights).flatten(1).sum(1));
        Tensor images = AttackTrial.Images(2, low: 0.3, high: 0.7);

        using Ledger ledger = AttackTrial.Run(new Fgsm(), detector, images, new bool[2], new(norm, 0.1));

        Tensor direction = norm == Norm.Linf ? weights.sign() : weights / weights.square().sum().sqrt();
        Assert.InRange((ledger.WorstImages([0, 1]) - images - direction * 0.1).abs().max().item<double>(), 0, 1e-12);
        Assert.All(Enumerable.Range(0, 2), i => Assert.Equal((2, 1), (ledger[i].ForwardPasses, ledger[i].BackwardPasses)));
    }

    [Fact]
    public void Pixels_without_a_gradient_do_not_move()
    {
        using DisposeScope scope = NewDisposeScope();
        using AnalyticDetector detector = new(x => x.select(1, 0).flatten(1).sum(1));
        Tensor images = AttackTrial.Images(2, low: 0.3, high: 0.7);

        using Ledger ledger = AttackTrial.Run(new Fgsm(), detector, images, new bool[2], new(Norm.Linf, 0.1));

        Tensor moved = (ledger.WorstImages([0, 1]) - images).abs();
        Assert.Equal(0, moved.narrow(1, 1, 2).max().item<double>());
        Assert.Equal(0.1, moved.select(1, 0).min().item<double>(), 1e-12);
    }

    [Fact]
    public void A_detached_score_is_answered_with_the_remedy()
    {
        using DisposeScope scope = NewDisposeScope();
        using AnalyticDetector detector = new(x => x.detach().flatten(1).sum(1));

        InvalidOperationException error = Assert.Throws<InvalidOperationException>(
            () => AttackTrial.RunBothWays(new Fgsm(), detector, AttackTrial.Images(2), new(Norm.Linf, 0.1)));

        Assert.Contains("not connected to its input", error.Message);
    }
}
