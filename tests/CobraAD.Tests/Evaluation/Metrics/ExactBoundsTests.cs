using CobraAD.Evaluation.Metrics;

namespace CobraAD.Tests.Evaluation.Metrics;

public sealed class ExactBoundsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(30)]
    [InlineData(4000)]
    public void A_share_that_is_all_right_once_in_forty_test_sets_is_the_least(int images) =>
        Assert.Equal(0.025, Math.Pow(ExactBounds.LeastShare(images), images), 1e-12);

    [Theory]
    [InlineData(10, 10)]
    [InlineData(100, 100)]
    [InlineData(20, 300)]
    [InlineData(300, 20)]
    public void No_curve_with_the_least_auroc_has_a_smaller_average_precision(int positives, int negatives)
    {
        double bound = ExactBounds.LeastAveragePrecision(positives, negatives), error = 1 - ExactBounds.LeastAuroc(negatives, positives);
        Random random = new(3);
        double least = 1;

        for (int trial = 0; trial < 300; trial++)
        {
            // A monotone curve of false alarms over recall, scaled to the area of the error: two exponents reach from a step to a ramp.
            double exponent = Math.Exp(random.NextDouble() * 6 - 5), start = random.NextDouble() * random.NextDouble();
            double[] curve = [.. Enumerable.Range(0, 2000).Select(i => (i + 0.5) / 2000).Select(t => t < start ? 0 : Math.Pow((t - start) / (1 - start), exponent))];
            double scale = error / curve.Average();
            if (scale * curve[^1] > 1) continue;
            double precision = curve.Select((f, i) => (T: (i + 0.5) / 2000, F: scale * f)).Average(p => positives * p.T / (positives * p.T + negatives * p.F));
            least = Math.Min(least, precision);
        }

        Assert.InRange(bound, 0.5 * least, least);
    }

    [Fact]
    public void Few_positives_leave_the_threshold_of_an_fpr95_open()
    {
        // Of ten the third lowest is below the 5 % quantile with a chance of 1.15 %: 8 of 10 must be detected for sure.
        List<double> asked = [];

        double least = ExactBounds.LeastFalseRate(10, 40, share =>
        {
            asked.Add(share);
            return 0.5;
        });

        Assert.Equal([0.8], asked);
        Assert.InRange(least, 0.3, 0.4);
        Assert.Equal(0, ExactBounds.LeastFalseRate(1, 40, _ => 1));
        Assert.Equal(0, ExactBounds.LeastFalseRate(10, 40, _ => 0));
    }
}
