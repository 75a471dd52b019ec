using CobraAD.Attacks;
using CobraAD.Attacks.Composite;
using CobraAD.Attacks.Records;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Attacks.Composite;

public sealed class AutoAttackTests
{
    [Fact]
    public void Its_members_run_in_order_and_findings_carry_their_names()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor weights = AttackTrial.Weights();
        using AnalyticDetector detector = new(x => (x * weights).flatten(1).sum(1));
        AutoAttack attack = new() { Steps = 5, Restarts = 1, Queries = 10 };

        using Ledger ledger = AttackTrial.Run(attack, detector, AttackTrial.Images(3), new bool[3], new(Norm.Linf, 0.1));

        Assert.Equal(["apgd", "pgd", "fab", "square"], attack.Members.Select(member => member.Name));
        Assert.All(Enumerable.Range(0, 3), i => Assert.StartsWith("autoattack/", ledger[i].FoundBy));
    }

    [Fact]
    public void It_is_never_weaker_than_one_of_its_members()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor weights = AttackTrial.Weights();
        using AnalyticDetector detector = new(x => ((x * weights).flatten(1).sum(1) * 5).sin());
        Tensor images = AttackTrial.Images(4);
        AutoAttack attack = new() { Steps = 8, Restarts = 1, Queries = 30 };

        using Ledger together = AttackTrial.Run(attack, detector, images, new bool[4], new(Norm.Linf, 0.1));

        foreach (IAttack member in attack.Members)
        {
            using Ledger alone = AttackTrial.Run(member, detector, images, new bool[4], new(Norm.Linf, 0.1));
            Assert.All(Enumerable.Range(0, 4), i => Assert.True(together[i].WorstScore >= alone[i].WorstScore));
        }
    }

    [Fact]
    public void Images_that_a_member_broke_are_left_alone()
    {
        using DisposeScope scope = NewDisposeScope();
        using AnalyticDetector detector = new(x => x.flatten(1).mean([1L]));
        Tensor images = cat([full([2, 3, 2, 2], 0.45, ScalarType.Float64), full([2, 3, 2, 2], 0.5, ScalarType.Float64)]);
        AutoAttack attack = new() { Steps = 5, Restarts = 1, Queries = 50 };

        using Ledger ledger = AttackTrial.Run(attack, detector, images, [false, false, true, true], new(Norm.Linf, 0.1));

        // The first member moves every normal image above every anomaly; none of the fifty queries is asked.
        Assert.Empty(ledger.OpenImages());
        Assert.All(Enumerable.Range(0, 4), i => Assert.InRange(ledger[i].ForwardPasses, 1, 6));
    }
}
