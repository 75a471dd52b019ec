using CobraAD.Evaluation.Metrics;
using CsCheck;

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
    [InlineData(15, 1.0, 0.7602499389)]
    [InlineData(60, 1.0, 0.7602499389)]
    [InlineData(10, 3.0, 0.9830525733)]
    [InlineData(30, 3.0, 0.9830525733)]
    public void Intervals_of_the_auroc_hold_the_truth_in_about_95_of_100_draws(int images, double distance, double truth)
    {
        // The truth is Φ(distance / √2) for two normal distributions.
        Random random = new(7);
        int covered = 0;
        const int Draws = 120;
        for (int draw = 0; draw < Draws; draw++)
        {
            (double[] scores, bool[] labels) = Draw(random, images, images, distance);
            ConfidenceInterval interval = MetricIntervals.Bootstrap(scores, labels, replicates: 400, seed: draw).Auroc;
            if (interval.Low <= truth && truth <= interval.High) covered++;
        }

        Assert.InRange(covered / (double)Draws, 0.89, 1);
    }

    [Fact]
    public void An_interval_holds_its_estimate_whatever_the_scores_are()
    {
        Gen.Select(Gen.Int[1, 30], Gen.Int[1, 30], Gen.Int[1, 40], Gen.Double[0, 1]).SelectMany((normals, anomalies, values, lift) =>
            Gen.Int[0, values].Array[normals + anomalies].Select(scores => (Normals: normals, Scores: scores.Select((score, i) => i < normals ? score : score + lift * values).ToArray())))
            .Sample(
                drawn =>
                {
                    bool[] labels = [.. drawn.Scores.Select((_, i) => i >= drawn.Normals)];
                    DetectionMetrics found = DetectionMetrics.Compute(drawn.Scores, labels);

                    MetricIntervals intervals = MetricIntervals.Bootstrap(drawn.Scores, labels, replicates: 100);

                    Holds(intervals.Auroc, found.Auroc);
                    Holds(intervals.AveragePrecision, found.AveragePrecision);
                    Holds(intervals.AveragePrecisionNormal, found.AveragePrecisionNormal);
                    Holds(intervals.Fpr95, found.Fpr95);
                    Holds(intervals.Fpr95NormalsAccepted, found.Fpr95NormalsAccepted);
                },
                iter: 200, threads: 1);
    }

    [Theory]
    [InlineData(10, 10)]
    [InlineData(40, 7)]
    [InlineData(200, 300)]
    public void A_perfect_result_is_bounded_exactly(int normals, int anomalies)
    {
        bool[] labels = [.. Enumerable.Range(0, normals + anomalies).Select(i => i >= normals)];
        double[] scores = [.. labels.Select((_, i) => (double)i)];

        MetricIntervals right = MetricIntervals.Bootstrap(scores, labels, replicates: 100);
        MetricIntervals reversed = MetricIntervals.Bootstrap([.. scores.Select(score => -score)], labels, replicates: 100);

        // k independent pairs that are right with a chance of this are all right in one of forty test sets.
        double least = Math.Pow(0.025, 1.0 / Math.Min(normals, anomalies));
        Assert.True(right.Auroc.Low <= least);
        Assert.Equal(1, right.Auroc.High);
        Assert.Equal(0, reversed.Auroc.Low);
        Assert.True(reversed.Auroc.High >= 1 - least);
        Assert.True(right.Fpr95.High >= 1 - Math.Pow(0.025, 1.0 / normals));
        Assert.True(right.Fpr95NormalsAccepted.High >= 1 - Math.Pow(0.025, 1.0 / anomalies));
        Assert.Equal(0, right.Fpr95.Low);
        Assert.InRange(right.AveragePrecision.Low, 0, ExactBounds.LeastAveragePrecision(anomalies, normals));
    }

    [Fact]
    public void One_error_proves_no_more_than_none()
    {
        bool[] labels = [.. Enumerable.Range(0, 24).Select(i => i >= 12)];
        double[] perfect = [.. labels.Select((_, i) => (double)i)];
        double[] oneSwapped = [.. perfect.Select((score, i) => i == 11 ? 12.5 : score)];

        MetricIntervals none = MetricIntervals.Bootstrap(perfect, labels), one = MetricIntervals.Bootstrap(oneSwapped, labels);

        Assert.True(one.Auroc.Low <= Math.Pow(0.025, 1.0 / 12));
        Assert.True(one.AveragePrecision.Low <= none.AveragePrecision.High && one.AveragePrecision.Low <= ExactBounds.LeastAveragePrecision(12, 12));
        Assert.True(one.Fpr95.High >= 1 - Math.Pow(0.025, 1.0 / 12));
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
