using CobraAD.Evaluation.Metrics;

namespace CobraAD.Tests.Evaluation.Metrics;

public sealed class MetricIntervalsTests
{
    [Fact]
    public void A_perfect_ranking_of_any_number_of_images_is_worth_one_and_no_more()
    {
        // Forty-nine shares of 1/49 add up to more than 1.
        for (int count = 2; count < 60; count++)
        {
            double[] scores = [.. Enumerable.Range(0, 2 * count).Select(i => (double)i)];
            bool[] isAnomalous = [.. Enumerable.Range(0, 2 * count).Select(i => i >= count)];

            Assert.Equal(1, DetectionMetrics.Compute(scores, isAnomalous).AveragePrecision, 1e-12);
            Assert.InRange(DetectionMetrics.Compute(scores, isAnomalous).AveragePrecision, 0, 1);
            Assert.InRange(MetricIntervals.Bootstrap(scores, isAnomalous, replicates: 100).AveragePrecision.High, 0, 1);
        }
    }

    [Theory]
    [InlineData(10, 10, 1.0)]
    [InlineData(1000, 1000, -2.0)]
    [InlineData(3000, 3000, 0.0)]
    [InlineData(40, 200, 2.0)]
    [InlineData(5000, 50, 0.3)]
    public void An_interval_holds_its_estimate(int normals, int anomalies, double distance)
    {
        (double[] scores, bool[] labels) = Draw(new Random(4), normals, anomalies, distance);
        DetectionMetrics found = DetectionMetrics.Compute(scores, labels);

        MetricIntervals intervals = MetricIntervals.Bootstrap(scores, labels, replicates: 300);

        Holds(intervals.Auroc, found.Auroc);
        Holds(intervals.AveragePrecision, found.AveragePrecision);
        Holds(intervals.AveragePrecisionNormal, found.AveragePrecisionNormal);
        Holds(intervals.Fpr95, found.Fpr95);
        Holds(intervals.Fpr95NormalsAccepted, found.Fpr95NormalsAccepted);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_perfect_ranking_of_few_images_may_be_luck(bool isRight)
    {
        double[] scores = [.. Enumerable.Range(0, 20).Select(i => (double)i)];
        bool[] labels = [.. scores.Select(score => score >= 10 == isRight)];

        MetricIntervals intervals = MetricIntervals.Bootstrap(scores, labels);

        // Three of ten, for each class, is what none of ten rules out at the most.
        if (isRight)
        {
            Assert.Equal(1, intervals.Auroc.High);
            Assert.InRange(intervals.Auroc.Low, 0.5, 0.8);
            Assert.Equal(0, intervals.Fpr95.Low);
            Assert.InRange(intervals.Fpr95.High, 0.25, 1);
        }
        else
        {
            Assert.Equal(0, intervals.Auroc.Low);
            Assert.InRange(intervals.Auroc.High, 0.2, 0.5);
        }
    }

    [Theory]
    [InlineData(15, 1.0)]
    [InlineData(60, 1.0)]
    public void Intervals_of_the_auroc_hold_the_truth_in_about_95_of_100_draws(int images, double distance)
    {
        // Φ(distance / √2) for normal distributions one apart.
        const double truth = 0.7602499389;
        Random random = new(7);
        int covered = 0;
        const int Draws = 300;
        for (int draw = 0; draw < Draws; draw++)
        {
            (double[] scores, bool[] labels) = Draw(random, images, images, distance);
            ConfidenceInterval interval = MetricIntervals.Bootstrap(scores, labels, replicates: 400, seed: draw).Auroc;
            if (interval.Low <= truth && truth <= interval.High) covered++;
        }

        Assert.InRange(covered / (double)Draws, 0.90, 0.99);
    }

    private static void Holds(ConfidenceInterval interval, double value)
    {
        Assert.InRange(value, interval.Low, interval.High);
        Assert.InRange(interval.Low, 0, 1);
        Assert.InRange(interval.High, 0, 1);
    }

    private static (double[] Scores, bool[] Labels) Draw(Random random, int normals, int anomalies, double distance)
    {
        bool[] labels = [.. Enumerable.Range(0, normals + anomalies).Select(i => i >= normals)];
        double[] scores = [.. labels.Select(anomalous => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()) + (anomalous ? distance : 0))];
        return (scores, labels);
    }
}
