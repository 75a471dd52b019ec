using CobraAD.Attacks;
using CobraAD.Attacks.BlackBox;
using CobraAD.Attacks.Records;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Attacks.BlackBox;

public sealed class SimbaTests
{
    [Fact]
    public void Simba_finds_the_one_frequency_that_a_score_listens_to()
    {
        using DisposeScope scope = NewDisposeScope();
        const int side = 8;
        Tensor place = arange(side, ScalarType.Float64);
        Tensor wave = ((place * 2 + 1) * (Math.PI * 3 / (2 * side))).cos() * Math.Sqrt(2.0 / side);
        Tensor pattern = outer(wave, wave);
        // Rounded, so that no other frequency seems to help by a rounding error.
        using AnalyticDetector detector = new(x => ((x.select(1, 1) * pattern).flatten(1).sum(1) * 1e9).round() / 1e9);
        Tensor images = AttackTrial.Images(2, side, 0.4, 0.6);

        Ledger[] ledgers = AttackTrial.RunBothWays(new Simba { Basis = SimbaBasis.Dct }, detector, images, new(Norm.Linf, 0.05));

        // The basis vector scaled until its bound 2/√(HW) reaches ε.
        Assert.All(ledgers, ledger => Assert.True(ledger[0].Gain() >= 0.05 * side / 2 - 1e-8));
    }

    [Fact]
    public void Every_direction_is_tried_both_ways_and_no_gradient_is_taken()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor weights = AttackTrial.Weights();
        using AnalyticDetector detector = new(x => (x * weights).flatten(1).sum(1).detach());

        using Ledger all = AttackTrial.Run(new Simba(), detector, AttackTrial.Images(2), new bool[2], new(Norm.Linf, 0.1));
        using Ledger some = AttackTrial.Run(new Simba { Queries = 20 }, detector, AttackTrial.Images(2), new bool[2], new(Norm.Linf, 0.1));

        Assert.Equal((1 + 2 * 3 * 4 * 4, 0), (all[0].ForwardPasses, all[0].BackwardPasses));
        Assert.Equal(1 + 20, some[0].ForwardPasses);
    }
}
