using CobraAD.Reporting;
using CobraAD.Reporting.Charts;

namespace CobraAD.Tests.Reporting;

public class CurvesTests
{
    [Theory]
    [InlineData(1, 4.6, 1.3)]
    [InlineData(2, 1.0, 0.5)]
    [InlineData(3, 0.0, 2.0)]
    public void The_area_under_the_traced_curve_is_the_auroc(int seed, double gap, double loss)
    {
        (double[] clean, double[] attacked, bool[] labels) = SampleReport.Scores(gap, loss, seed);
        double[] tied = [.. attacked.Select(score => Math.Round(score))];

        Assert.Equal(SampleReport.Auroc(clean, labels), Area(RocCurve.Trace(clean, labels)), 12);
        Assert.Equal(SampleReport.Auroc(tied, labels), Area(RocCurve.Trace(tied, labels)), 12);
    }

    [Fact]
    public void A_curve_runs_from_corner_to_corner_without_points_on_straight_lines()
    {
        IReadOnlyList<RocCurve.Point> curve = RocCurve.Trace([4, 3, 2, 1], [true, true, false, false]);

        Assert.Equal([new RocCurve.Point(0, 0), new RocCurve.Point(0, 1), new RocCurve.Point(1, 1)], curve);
    }

    [Fact]
    public void One_class_alone_has_no_curve() => Assert.Throws<ArgumentException>("isAnomalous", () => RocCurve.Trace([1, 2], [true, true]));

    [Fact]
    public void A_histogram_counts_every_image_once()
    {
        (double[] clean, double[] attacked, bool[] labels) = SampleReport.Scores(2, 1, 9);

        ScoreHistogram histogram = ScoreHistogram.From(clean, attacked, labels, bins: 17);

        Assert.Equal(200, histogram.CleanNormal.Sum());
        Assert.Equal(200, histogram.CleanAnomalous.Sum());
        Assert.Equal(200, histogram.AttackedNormal.Sum());
        Assert.Equal(200, histogram.AttackedAnomalous.Sum());
    }

    [Fact]
    public void Scores_that_would_fill_one_bin_are_spread_by_the_logarithm_of_their_distance()
    {
        double[] scores = [.. Enumerable.Range(0, 30).Select(i => -1 + 1e-9 * i), .. Enumerable.Range(0, 30).Select(i => -1 + 1e-7 * (i + 1)), 0.5];
        bool[] labels = [.. scores.Select((_, i) => i >= 30)];

        ScoreHistogram histogram = ScoreHistogram.From(scores, scores, labels);

        Assert.Equal(-1 + 14.5e-9, histogram.Center!.Value, 1e-15);
        Assert.Equal(61, histogram.CleanNormal.Sum() + histogram.CleanAnomalous.Sum());
        Assert.True(histogram.CleanNormal.Count(count => count > 0) > 2);
        Assert.True(histogram.CleanAnomalous.Count(count => count > 0) > 3);
        Assert.Equal(histogram.High, histogram.Position(0.5), 1e-12);
    }

    [Fact]
    public void Equal_scores_fall_into_one_bin()
    {
        ScoreHistogram histogram = ScoreHistogram.From([3, 3], [3, 3], [true, false], bins: 4);

        Assert.True(histogram.Low < 3 && histogram.High > 3);
        Assert.Equal(1, histogram.CleanAnomalous.Max());
    }

    [Theory]
    [InlineData(0, 1, 5, new[] { 0, 0.2, 0.4, 0.6, 0.8, 1 })]
    [InlineData(-3.2, 7.9, 5, new double[] { -2, 0, 2, 4, 6 })]
    [InlineData(0, 9, 3, new double[] { 0, 2, 4, 6, 8 })]
    public void Ticks_are_round_values_inside_the_range(double low, double high, int wanted, double[] expected)
    {
        IReadOnlyList<double> ticks = Axis.RoundValues(low, high, wanted);

        Assert.Equal(expected.Length, ticks.Count);
        Assert.All(expected.Zip(ticks), pair => Assert.Equal(pair.First, pair.Second, 12));
    }

    private static double Area(IReadOnlyList<RocCurve.Point> curve) =>
        curve.Zip(curve.Skip(1)).Sum(pair => (pair.Second.FalseAlarmRate - pair.First.FalseAlarmRate) * (pair.First.DetectionRate + pair.Second.DetectionRate) / 2);
}
