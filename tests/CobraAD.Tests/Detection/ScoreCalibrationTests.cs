using System.Text.Json.Nodes;
using CobraAD.Detection;
using CobraAD.Serialization;

namespace CobraAD.Tests.Detection;

public sealed class ScoreCalibrationTests
{
    [Theory]
    [InlineData("threshold", double.NaN)]
    [InlineData("threshold", double.NegativeInfinity)]
    [InlineData("scale", 0.0)]
    [InlineData("scale", -1.0)]
    [InlineData("scale", double.NaN)]
    [InlineData("scale", double.PositiveInfinity)]
    [InlineData("falseAlarmRate", 1.5)]
    [InlineData("falseAlarmBound", double.NaN)]
    public void A_number_that_no_operating_point_has_is_refused(string member, double value)
    {
        JsonObject file = CobraJson.ToNode(ScoreCalibration.From([1, 2, 3], 0.05, heldOut: true))!.AsObject();
        file[member] = CobraJson.ToNode(value);

        Assert.Contains("model.cobra", Assert.Throws<ModelFormatException>(() => ScoreCalibration.Read(file, "model.cobra")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Threshold_is_the_conformal_order_statistic()
    {
        double[] scores = [.. Enumerable.Range(1, 99).Select(i => (double)i)];

        ScoreCalibration calibration = ScoreCalibration.From(scores, 0.05, heldOut: true);

        Assert.Equal(95, calibration.Threshold);
    }

    [Fact]
    public void Twenty_images_are_enough_for_five_per_cent_and_the_threshold_is_their_maximum()
    {
        double[] scores = [.. Enumerable.Range(1, 20).Select(i => (double)i)];

        ScoreCalibration calibration = ScoreCalibration.From(scores, 0.05, heldOut: true);

        Assert.Equal(20, calibration.Threshold);
    }

    [Theory]
    [InlineData(20)]
    [InlineData(200)]
    public void Bound_holds_in_about_95_of_100_draws_and_the_mean_rate_is_kept(int count)
    {
        Random random = new(5);
        const int Draws = 4000;
        int covered = 0;
        double meanRate = 0;
        for (int draw = 0; draw < Draws; draw++)
        {
            double[] uniform = [.. Enumerable.Range(0, count).Select(_ => random.NextDouble())];
            ScoreCalibration calibration = ScoreCalibration.From(uniform, 0.05, heldOut: true);
            double trueRate = 1 - calibration.Threshold;
            if (trueRate <= calibration.FalseAlarmBound) covered++;
            meanRate += trueRate / Draws;
        }

        Assert.InRange(covered / (double)Draws, 0.935, 0.965);
        Assert.InRange(meanRate, 0, 0.051);
    }

    [Fact]
    public void Calibrated_score_is_one_half_at_the_threshold_and_increases()
    {
        ScoreCalibration calibration = ScoreCalibration.From([-0.99, -0.98, -0.97, -0.95], 0.25, heldOut: false);

        Assert.Equal(0.5, calibration.Calibrate(calibration.Threshold));
        Assert.True(calibration.Calibrate(-0.9) > calibration.Calibrate(-0.95));
        Assert.InRange(calibration.Calibrate(double.MaxValue), 0.99, 1);
    }

    [Fact]
    public void The_distance_ranks_where_the_calibrated_score_has_reached_one()
    {
        ScoreCalibration calibration = ScoreCalibration.From([-1, -0.999999999, -0.999999998, -0.999999997], 0.25, heldOut: true);

        Assert.Equal(1, calibration.Calibrate(-0.9));
        Assert.Equal(1, calibration.Calibrate(-0.5));
        Assert.True(calibration.Distance(-0.5) > calibration.Distance(-0.9));
        Assert.Equal(0, calibration.Distance(calibration.Threshold));
    }

    [Theory]
    [InlineData(20, 20)]
    [InlineData(5000, 512)]
    public void Scores_are_kept_ascending_and_thinned_evenly(int count, int kept)
    {
        ScoreCalibration calibration = ScoreCalibration.From([.. Enumerable.Range(0, count).Select(i => i / (double)count).Reverse()], 0.05, heldOut: true);

        Assert.Equal(kept, calibration.Scores.Count);
        Assert.Equal(calibration.Scores.Order(), calibration.Scores);
        Assert.InRange(calibration.Scores[kept / 2], 0.49, 0.51);
    }

    [Fact]
    public void Scores_that_are_not_numbers_are_refused()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => ScoreCalibration.From([0.1, double.NaN], 0.05, heldOut: true));

        Assert.Contains("diverged", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(209, 21)]
    [InlineData(6000, 600)]
    [InlineData(60, 20)]
    [InlineData(59, 0)]
    [InlineData(8, 0)]
    public void Held_out_share_is_ten_per_cent_at_least_twenty_and_none_of_a_small_set(int count, int expected) =>
        Assert.Equal(expected, new CalibrationOptions().HeldOut(count));
}
