using CobraAD.Attacks;
using CobraAD.Attacks.Composite;
using CobraAD.Attacks.Records;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Attacks.Composite;

public sealed class CaaTests
{
    [Theory]
    [InlineData("mt@1")]
    [InlineData("xx@1x50")]
    [InlineData("mt@2x50")]
    [InlineData("mt@1x0")]
    public void A_policy_that_cannot_be_read_is_answered_with_its_form(string policy) =>
        Assert.Contains("KIND@MAGNITUDExSTEPS", Assert.Throws<FormatException>(() => AttackRecipe.Parse($"caa:policy={policy}")).Message);

    [Fact]
    public void The_policy_decides_what_is_spent()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor weights = AttackTrial.Weights();
        using AnalyticDetector detector = new(x => (x * weights).flatten(1).sum(1));

        using Ledger whole = AttackTrial.Run(new Caa { Policy = "pgd@1x10>mi@1x20" }, detector, AttackTrial.Images(2), new bool[2], new(Norm.Linf, 0.1));
        using Ledger half = AttackTrial.Run(
            new Caa { Policy = "pgd@1x10>mi@1x20", Effort = 0.5 }, detector, AttackTrial.Images(2), new bool[2], new(Norm.Linf, 0.1));

        // The second link starts from the clean image and again from the best point.
        Assert.Equal(10 + 2 * 20, whole[0].BackwardPasses);
        Assert.Equal(5 + 2 * 10, half[0].BackwardPasses);
    }

    [Fact]
    public void The_inner_radius_shrinks_after_a_goal_that_was_reached()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor weights = AttackTrial.Weights(), images = zeros(5, 3, 4, 4, dtype: ScalarType.Float64) + 0.5;
        double reach = 0.1 * weights.abs().sum().item<double>();
        // What the normal image can gain with the whole radius lies between the second anomaly and the third.
        foreach ((int row, double share) in new[] { (1, 0.3), (2, 0.6), (3, 1.5), (4, 2) }) images[row].add_(weights / weights.square().sum() * share * reach);
        using AnalyticDetector detector = new(x => (x * weights).flatten(1).sum(1)) { Remember = true };

        using Ledger ledger = AttackTrial.Run(new Caa { Policy = "ddn@1x4" }, detector, images, [false, true, true, true, true], new(Norm.Linf, 0.1));

        // The look at the clean pass and at the clean image, then the step that passed two goals, then one of a radius 5 % shorter.
        double[] distances = [.. detector.Seen.Skip(2).Select(points => (points[0] - images[0]).abs().max().item<double>())];
        Assert.Equal(0.1, distances[0], 1e-9);
        Assert.Equal(0.095, distances[1], 1e-9);
    }

    [Fact]
    public void A_search_is_paid_for_by_the_images_that_it_used()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor weights = AttackTrial.Weights();
        using AnalyticDetector detector = new(x => ((x * weights).flatten(1).sum(1) * 3).sin());
        bool[] labels = AttackTrial.Alternating(8);

        using Ledger ledger = AttackTrial.Run(
            new Caa { Search = 3, SearchSamples = 2, Effort = 0.02 }, detector, AttackTrial.Images(8), labels, new(Norm.Linf, 0.02));

        long searched = Enumerable.Range(0, 4).Min(i => ledger[i].BackwardPasses), spared = Enumerable.Range(4, 4).Max(i => ledger[i].BackwardPasses);
        Assert.True(searched > spared, $"{searched} and {spared} gradients");
    }
}
