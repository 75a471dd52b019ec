using CobraAD.Attacks;
using CobraAD.Attacks.Gradient;
using CobraAD.Attacks.Records;
using CobraAD.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Attacks.Gradient;

public sealed class FabTests
{
    [Theory]
    [InlineData(Norm.Linf)]
    [InlineData(Norm.L2)]
    public void Fab_climbs_the_ranks_of_the_other_class(Norm norm)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor images = AttackTrial.Images(9, low: 0.45, high: 0.55);
        Tensor centre = full([3, 4, 4], 0.5, ScalarType.Float64);
        // Eight anomalies ever farther from the centre; the normal image can just pass the last.
        for (int i = 1; i < 9; i++) images[i].copy_(centre + AttackTrial.Weights(seed: i).sign() * (0.03 + 0.01 * i));
        using AnalyticDetector detector = new(x => (x - centre).flatten(1).square().sum(1));
        bool[] labels = [false, .. Enumerable.Repeat(true, 8)];
        using Ledger ledger = Ledger.Open(detector, images, labels, new(norm, norm == Norm.Linf ? 0.1 : 0.7));

        new Fab { Steps = 30, Restarts = 1 }.Run(new AttackContext(detector, ledger, new RandomStreams(0)));

        Assert.DoesNotContain(0, ledger.OpenImages());
    }

    [Fact]
    public void After_a_goal_that_was_reached_it_goes_back_towards_the_image()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor weights = AttackTrial.Weights(), images = zeros(3, 3, 4, 4, dtype: ScalarType.Float64) + 0.5;
        double reach = 0.1 * weights.abs().sum().item<double>();
        foreach ((int row, double share) in new[] { (1, 0.3), (2, 3.0) }) images[row].add_(weights / weights.square().sum() * share * reach);
        using AnalyticDetector detector = new(x => (x * weights).flatten(1).sum(1)) { Remember = true };

        using Ledger ledger = AttackTrial.Run(new Fab { Steps = 2, Restarts = 1 }, detector, images, [false, true, true], new(Norm.Linf, 0.1));

        // The clean pass, then for each step a gradient, the projection onto the goal, and the same inside the ball.
        Tensor reached = detector.Seen[2][0] - images[0], next = detector.Seen[4][0] - images[0];
        Assert.InRange((reached * weights).sum().item<double>(), 0.3 * reach, 0.99 * reach);
        Assert.True((next - reached * 0.9).abs().max().item<double>() < 1e-9, "The next step starts where this one crossed.");
    }

    [Fact]
    public void A_threshold_that_the_detector_does_not_have_is_named()
    {
        using DisposeScope scope = NewDisposeScope();
        using AnalyticDetector detector = new(x => x.flatten(1).mean([1L]));

        InvalidOperationException error = Assert.Throws<InvalidOperationException>(
            () => AttackTrial.Run(new Fab { AtThreshold = true }, detector, AttackTrial.Images(2), [false, false], new(Norm.Linf, 0.1)));

        Assert.Contains("Leave at-threshold out", error.Message);
    }
}
