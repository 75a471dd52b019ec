using CobraAD.Attacks;
using CobraAD.Attacks.BlackBox;
using CobraAD.Attacks.Records;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Attacks.BlackBox;

public sealed class SquareTests
{
    [Theory]
    [InlineData(Norm.Linf)]
    [InlineData(Norm.L2)]
    public void It_asks_as_often_as_it_was_allowed_to_and_takes_no_gradient(Norm norm)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor weights = AttackTrial.Weights(side: 6);
        using AnalyticDetector detector = new(x => (x * weights).flatten(1).sum(1).detach());

        using Ledger ledger = AttackTrial.Run(
            new Square { Queries = 130, Restarts = 2 }, detector, AttackTrial.Images(2, side: 6), new bool[2], new(norm, 0.1));

        Assert.All(Enumerable.Range(0, 2), i => Assert.Equal((260, 0), (ledger[i].ForwardPasses, ledger[i].BackwardPasses)));
        Assert.All(Enumerable.Range(0, 2), i => Assert.True(ledger[i].Gain() > 0));
    }

    [Fact]
    public void More_queries_never_find_less()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor weights = AttackTrial.Weights(side: 6);
        // From 5,000 queries on windows shrink on the published schedule: the first 5,000 are the same.
        using AnalyticDetector detector = new(x => (x * weights).flatten(1).sum(1));
        Tensor images = AttackTrial.Images(1, side: 6);

        using Ledger fewer = AttackTrial.Run(new Square { Queries = 5000 }, detector, images, [false], new(Norm.Linf, 0.1));
        using Ledger more = AttackTrial.Run(new Square { Queries = 5500 }, detector, images, [false], new(Norm.Linf, 0.1));

        Assert.True(more[0].WorstScore >= fewer[0].WorstScore);
    }
}
