using CobraAD.Detection;
using CobraAD.Methods.Maintenance;

namespace CobraAD.Tests.Methods.Maintenance;

public sealed class PartPValueTests
{
    [Theory]
    [InlineData(0.5, 1.0)]
    [InlineData(7.5, 4.0 / 11)]
    [InlineData(10.0, 2.0 / 11)]
    public void Among_the_known_scores_it_is_the_rank(double score, double expected) =>
        Assert.Equal(expected, new PartPValue(Calibration(Enumerable.Range(1, 10).Select(i => (double)i))).Of(score), 12);

    [Fact]
    public void It_falls_without_a_step_beyond_the_largest()
    {
        PartPValue chance = new(Calibration(Enumerable.Range(1, 10).Select(i => (double)i)));

        Assert.Equal(1.0 / 11, chance.Of(10 + 1e-9), 6);
        Assert.True(chance.Of(30) < chance.Of(20) && chance.Of(20) < chance.Of(11));
    }

    /// <summary>4,000 samples of an exponential tail: a new score has a p-value of at most 0.5 % in 0.5 % of the cases, and three standard errors.</summary>
    [Fact]
    public void It_keeps_its_word_far_beyond_the_number_of_scores()
    {
        Random random = new(3);
        int below = 0;
        for (int trial = 0; trial < 4000; trial++)
            if (new PartPValue(Calibration([.. Enumerable.Range(0, 30).Select(_ => Draw())])).Of(Draw()) <= 0.005) below++;

        Assert.InRange(below / 4000.0, 0.002, 0.0085);

        double Draw() => -Math.Log(1 - random.NextDouble());
    }

    [Fact]
    public void Scores_that_are_all_the_same_have_the_unit_of_the_calibration() =>
        Assert.InRange(new PartPValue(Calibration([.. Enumerable.Repeat(1.0, 20)])).Of(1.1), 0, 1.0 / 21);

    private static ScoreCalibration Calibration(IEnumerable<double> scores) => ScoreCalibration.From([.. scores], 0.05, heldOut: true);
}
