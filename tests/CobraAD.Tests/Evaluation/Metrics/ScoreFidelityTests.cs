using CobraAD.Evaluation.Metrics;

namespace CobraAD.Tests.Evaluation.Metrics;

public sealed class ScoreFidelityTests
{
    [Fact]
    public void Differences_decisions_and_both_aurocs_are_reported()
    {
        ScoreFidelity fidelity = ScoreFidelity.Compare([0.1, 0.2, 0.6, 0.9], [0.1, 0.65, 0.6, 0.85], 0.5, [false, false, true, true]);

        Assert.Equal((4, 1), (fidelity.Images, fidelity.ChangedDecisions));
        Assert.Equal(1, fidelity.Auroc, 12);
        Assert.Equal(0.75, fidelity.OtherAuroc, 12);
        Assert.Equal(0.45, fidelity.LargestDifference, 12);
        Assert.Equal(0.125, fidelity.MeanDifference, 12);
    }

    [Fact]
    public void Lists_of_different_lengths_are_refused() =>
        Assert.Throws<ArgumentException>(() => ScoreFidelity.Compare([1, 2], [1], 0, [true, false]));
}
