using CobraAD.Attacks;
using CobraAD.Attacks.Composite;
using CobraAD.Attacks.Records;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Attacks.Composite;

public sealed class A3Tests
{
    [Fact]
    public void A_small_budget_buys_the_opening_rounds_and_a_larger_one_more()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor weights = AttackTrial.Weights();
        using AnalyticDetector detector = new(x => ((x * weights).flatten(1).sum(1) * 5).sin());

        long opening = Gradients(1), more = Gradients(100);

        // Without outputs there are no directions to follow: 8, 15 and 15 steps.
        Assert.Equal(6 * (8 + 15 + 15), opening);
        Assert.InRange(more, opening + 1, 6 * 150);

        long Gradients(int budget)
        {
            using Ledger ledger = AttackTrial.Run(new A3 { Budget = budget }, detector, AttackTrial.Images(6), new bool[6], new(Norm.Linf, 0.1));
            return ledger.BackwardPasses;
        }
    }
}
