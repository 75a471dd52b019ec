using CobraAD.Evaluation.Metrics;

namespace CobraAD.Tests.Evaluation.Metrics;

public sealed class DeLongTests
{
    [Fact]
    public void The_error_is_that_of_the_shares_computed_by_hand()
    {
        // Scores 1, 2, 4 of normal images and 3, 4, 5 of anomalies: the anomalies' shares are 2/3, 5/6 and 1, the normal images' 1, 1 and 1/2.
        ConfidenceInterval interval = DeLong.Of([1, 1, 0, 1, 0], [0, 0, 1, 1, 1]);

        const double auroc = 7.5 / 9;
        double error = Math.Sqrt((1.0 / 36) / 3 + (1.0 / 12) / 3);
        double logit = Math.Log(auroc / (1 - auroc)), half = 1.959964 * error / (auroc * (1 - auroc));
        Assert.Equal(1 / (1 + Math.Exp(half - logit)), interval.Low, 1e-6);
        Assert.Equal(1 / (1 + Math.Exp(-half - logit)), interval.High, 1e-6);
    }

    [Fact]
    public void One_image_of_a_class_leaves_the_interval_wide()
    {
        // One anomaly above 8 of 10 normal images says little about anomalies.
        ConfidenceInterval interval = DeLong.Of([8, 0, 2], [0, 1, 0]);

        Assert.InRange(0.8, interval.Low, interval.High);
        Assert.True(interval.High - interval.Low > 0.8);
    }
}
