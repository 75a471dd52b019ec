using CobraAD.Evaluation.Metrics;

namespace CobraAD.Tests.Evaluation.Metrics;

public sealed class JointIntervalTests
{
    private static readonly string[] Images = [.. Enumerable.Range(0, 120).Select(i => $"image {i}")];
    private static readonly bool[] Labels = [.. Enumerable.Range(0, 120).Select(i => i % 2 == 1)];

    [Fact]
    public void The_same_measurement_repeated_is_as_uncertain_as_once()
    {
        JointMeasurement once = Measurement(seed: 1, Images);

        ConfidenceInterval alone = Of(once), repeated = Of(once, once, once, once);

        Assert.Equal(once.Own.High - once.Own.Low, alone.High - alone.Low, 1e-12);
        Assert.Equal(alone.High - alone.Low, repeated.High - repeated.Low, 1e-12);
    }

    [Fact]
    public void Measurements_of_different_images_are_less_uncertain_together()
    {
        JointMeasurement[] apart = [.. Enumerable.Range(0, 4).Select(i => Measurement(seed: 1, [.. Images.Select(image => $"{image} of {i}")]))];

        double alone = Width(Of(apart[0])), together = Width(Of(apart));

        // As independent means are: half as wide for four.
        Assert.InRange(together / alone, 0.4, 0.62);
    }

    [Fact]
    public void Seeds_that_share_images_keep_most_of_their_uncertainty()
    {
        JointMeasurement first = Measurement(seed: 1, Images);
        // Another training scores the same images a little differently.
        Random noise = new(5);
        JointMeasurement second = first with { Scores = [.. first.Scores.Select(score => score + 0.05 * noise.NextDouble())] };

        Assert.InRange(Width(Of(first, second)) / Width(Of(first)), 0.9, 1.1);
    }

    [Fact]
    public void An_image_may_be_normal_in_one_measurement_and_anomalous_in_another()
    {
        JointMeasurement one = Measurement(seed: 1, Images), other = one with { IsAnomalous = [.. Labels.Select(label => !label)], Scores = [.. one.Scores.Select(score => -score)] };

        ConfidenceInterval interval = Of(one, other);

        Assert.InRange(Auroc(one), interval.Low, interval.High);
    }

    [Fact]
    public void A_perfect_ranking_adds_the_uncertainty_that_its_own_interval_has()
    {
        JointMeasurement perfect = new(Images, Labels, [.. Labels.Select(label => label ? 1.0 : 0)], new ConfidenceInterval(0.9, 1));

        ConfidenceInterval alone = Of(perfect), two = Of(perfect, perfect with { Images = [.. Images.Select(image => $"other {image}")] });

        Assert.Equal((0.9, 1), (alone.Low, alone.High));
        Assert.Equal(1 - 0.1 / Math.Sqrt(2), two.Low, 1e-9);
    }

    [Fact]
    public void Seeds_that_rank_the_same_few_images_almost_perfectly_prove_no_more_than_one_does()
    {
        // Twelve of each, one pair the wrong way round.
        double[] scores = [.. Labels[..24].Select((label, i) => (label ? 100.0 : 0) + i)];
        (scores[0], scores[23]) = (110.5, 109.5);
        JointMeasurement one = new(Images[..24], Labels[..24], scores, MetricIntervals.Bootstrap(scores, Labels[..24]).Auroc);

        ConfidenceInterval three = Of(one, one, one);

        Assert.InRange(three.Low, 0, 0.74);
        Assert.Equal(one.Own.Low, three.Low, 1e-12);
    }

    [Fact]
    public void Perfect_rankings_of_the_same_images_are_as_uncertain_as_one()
    {
        JointMeasurement perfect = new(Images, Labels, [.. Labels.Select(label => label ? 1.0 : 0)], new ConfidenceInterval(0.9, 1));

        Assert.Equal(0.9, Of(perfect, perfect).Low, 1e-9);
    }

    [Fact]
    public void Every_interval_holds_its_mean()
    {
        foreach (int seed in Enumerable.Range(0, 20))
        {
            JointMeasurement[] measurements = [Measurement(seed, Images[..30]), Measurement(seed + 100, Images[10..40])];
            ConfidenceInterval interval = Of(measurements);

            Assert.InRange(measurements.Average(Auroc), interval.Low, interval.High);
        }
    }

    [Fact]
    public void No_measurement_has_no_interval() => Assert.Throws<ArgumentException>(() => Of());

    private static ConfidenceInterval Of(params JointMeasurement[] measurements) => JointInterval.Of(measurements, metrics => metrics.Auroc);

    private static double Width(ConfidenceInterval interval) => interval.High - interval.Low;

    private static double Auroc(JointMeasurement measurement) => DetectionMetrics.Compute(measurement.Scores, measurement.IsAnomalous).Auroc;

    private static JointMeasurement Measurement(int seed, string[] images)
    {
        Random random = new(seed);
        bool[] labels = Labels[..images.Length];
        double[] scores = [.. labels.Select(label => random.NextDouble() + (label ? 0.4 : 0))];
        return new JointMeasurement(images, labels, scores, MetricIntervals.Bootstrap(scores, labels).Auroc);
    }
}
