using System.Text.Json;
using CobraAD.Evaluation.Metrics;
using CobraAD.Tests.Golden;
using CsCheck;

namespace CobraAD.Tests.Evaluation.Metrics;

public sealed class DetectionMetricsTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Metrics_agree_with_the_reference(int number)
    {
        JsonElement expected = GoldenFile.Read("metrics_detection.json").GetProperty("cases")[number];
        double[] normal = expected.GetProperty("normal_scores").Vector();
        double[] anomalous = expected.GetProperty("anomaly_scores").Vector();

        DetectionMetrics metrics = DetectionMetrics.Compute([.. normal, .. anomalous], Labels(normal.Length, anomalous.Length));

        Assert.Equal(expected.GetProperty("auroc").GetDouble(), metrics.Auroc, 1e-12);
        Assert.Equal(expected.GetProperty("average_precision_anomaly_positive").GetDouble(), metrics.AveragePrecision, 1e-12);
        Assert.Equal(expected.GetProperty("average_precision_normal_positive").GetDouble(), metrics.AveragePrecisionNormal, 1e-12);
        Assert.Equal(expected.GetProperty("aupr_trapezoid_anomaly").GetDouble(), metrics.AuprTrapezoid, 1e-12);
        Assert.Equal(expected.GetProperty("fpr95").GetDouble(), metrics.Fpr95, 1e-12);
        Assert.Equal(expected.GetProperty("fpr95_threshold").GetDouble(), metrics.Fpr95Threshold, 1e-12);
        JsonElement other = expected.GetProperty("fpr95_alt_normal_tpr");
        Assert.Equal(other.GetProperty("fpr").GetDouble(), metrics.Fpr95NormalsAccepted, 1e-12);
        Assert.Equal(other.GetProperty("threshold").GetDouble(), metrics.Fpr95NormalsAcceptedThreshold, 1e-12);
    }

    [Fact]
    public void Only_the_order_of_the_scores_matters()
    {
        Gen.Int[-300, 300].Array[12, 40].Sample(hundredths =>
        {
            double[] scores = [.. hundredths.Select(whole => whole / 100.0)];
            bool[] labels = [.. scores.Select((_, i) => i % 3 == 0)];

            DetectionMetrics before = DetectionMetrics.Compute(scores, labels);
            DetectionMetrics after = DetectionMetrics.Compute([.. scores.Select(score => Math.Exp(score) * 7 - 2)], labels);

            Assert.Equal(before.Auroc, after.Auroc);
            Assert.Equal(before.AveragePrecision, after.AveragePrecision);
            Assert.Equal(before.Fpr95, after.Fpr95);
        }, iter: 300);
    }

    [Fact]
    public void Auroc_is_the_share_of_pairs_in_the_right_order()
    {
        Gen.Int[0, 6].Array[6, 30].Sample(whole =>
        {
            double[] scores = [.. whole.Select(level => level / 2.0)];
            bool[] labels = [.. scores.Select((_, i) => i % 2 == 0)];
            var pairs = from i in Enumerable.Range(0, scores.Length)
                        from j in Enumerable.Range(0, scores.Length)
                        where labels[i] && !labels[j]
                        select scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0.0;

            Assert.Equal(pairs.Average(), DetectionMetrics.Compute(scores, labels).Auroc, 1e-12);
        }, iter: 300);
    }

    [Fact]
    public void The_interval_contains_the_metric_and_narrows_with_more_images()
    {
        MetricIntervals few = Interval(40);
        MetricIntervals many = Interval(1000);

        Assert.InRange(0.76, many.Auroc.Low, many.Auroc.High);
        Assert.True(many.Auroc.High - many.Auroc.Low < 0.4 * (few.Auroc.High - few.Auroc.Low));

        static MetricIntervals Interval(int perClass)
        {
            // Two normal distributions one standard deviation apart have an AUROC of Φ(1/√2) = 0.760.
            Random random = new(3);
            double[] scores = [.. Enumerable.Range(0, 2 * perClass).Select(i => Gaussian(random) + (i < perClass ? 0 : 1))];
            return MetricIntervals.Bootstrap(scores, Labels(perClass, perClass), 400, seed: 1);
        }

        static double Gaussian(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
    }

    [Fact]
    public void The_same_seed_gives_the_same_interval()
    {
        double[] scores = [.. Enumerable.Range(0, 50).Select(i => (i * 37 % 50) / 7.0)];
        bool[] labels = [.. scores.Select((_, i) => i % 2 == 0)];

        Assert.Equal(MetricIntervals.Bootstrap(scores, labels, 200, 5), MetricIntervals.Bootstrap(scores, labels, 200, 5));
        Assert.NotEqual(MetricIntervals.Bootstrap(scores, labels, 200, 5), MetricIntervals.Bootstrap(scores, labels, 200, 6));
    }

    [Fact]
    public void Scores_that_cannot_be_ranked_are_refused()
    {
        Assert.Contains("NaN", Assert.Throws<ArgumentException>(() => DetectionMetrics.Compute([1, double.NaN], [true, false])).Message);
        Assert.Contains("0 anomalous", Assert.Throws<ArgumentException>(() => DetectionMetrics.Compute([1, 2], [false, false])).Message);
        Assert.Contains("one label", Assert.Throws<ArgumentException>(() => DetectionMetrics.Compute([1, 2], [false])).Message);
    }

    [Fact]
    public void Errors_at_the_threshold_are_counted_by_class()
    {
        ThresholdErrors errors = ThresholdErrors.At(0.5, [0.2, 0.6, 0.5, 0.9], [0.2, 0.4, 0.8, 0.9], [false, false, true, true]);

        Assert.Equal(new ThresholdErrors(0.5, 0.5, 0.5, 0.5), errors);
    }

    private static bool[] Labels(int normal, int anomalous) => [.. Enumerable.Repeat(false, normal), .. Enumerable.Repeat(true, anomalous)];
}
