using System.Globalization;
using System.Text.Json;
using CobraAD.Optimization;
using CobraAD.Tests.Golden;

namespace CobraAD.Tests.Optimization;

public sealed class LearningRateScheduleTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Every_step_of_the_released_scheduler_is_met(int index)
    {
        JsonElement run = GoldenFile.Read("scheduler.json").GetProperty("runs")[index];
        int stepsPerEpoch = run.GetProperty("steps_per_epoch").GetInt32();
        LearningRateSchedule schedule = new() { Epochs = run.GetProperty("epochs").GetDouble(), Span = CosineSpan.Full };
        double[] expected = run.GetProperty("lr_used_per_step").Vector();

        // The released code sets the rate after a step, so it lags by one; the first step beyond the warm-up keeps the peak there.
        int handOver = (int)(schedule.WarmUpEpochs * stepsPerEpoch) + 2;
        for (int step = 0; step < expected.Length; step++)
            Assert.Equal(expected[step], step == handOver ? schedule.Peak : schedule.At(Math.Max(0, step - 1), stepsPerEpoch), 1e-9);
    }

    [Theory]
    [InlineData("paper", 0, CosineSpan.AfterWarmUp)]
    [InlineData("code", 0.1, CosineSpan.Full)]
    public void Both_closed_forms_are_met(string variant, double warmUpStart, CosineSpan span)
    {
        JsonElement golden = GoldenFile.Read("scheduler.json");
        JsonElement values = variant == "paper" ? golden.GetProperty("paper_variant").GetProperty("values") : golden.GetProperty("code_variant_at_positions");
        LearningRateSchedule schedule = new() { WarmUpStart = warmUpStart, Span = span };

        foreach (JsonProperty value in values.EnumerateObject())
            Assert.Equal(value.Value.GetDouble(), schedule.At(double.Parse(value.Name, CultureInfo.InvariantCulture)), 1e-9);
    }

    [Fact]
    public void The_defaults_rise_from_a_tenth_to_the_peak_and_end_at_zero()
    {
        LearningRateSchedule schedule = new() { Peak = 2, WarmUpEpochs = 1.5, Epochs = 15 };

        Assert.Equal(0.2, schedule.At(0, 10), 1e-12);
        Assert.Equal(2, schedule.At(15, 10), 1e-12);
        Assert.Equal(0, schedule.At(150, 10), 1e-12);
        Assert.Equal(0, schedule.At(200, 10), 1e-12);
    }

    [Fact]
    public void Without_warm_up_the_first_step_has_the_peak() => Assert.Equal(1, new LearningRateSchedule { WarmUpEpochs = 0 }.At(0, 10));

    [Theory]
    [InlineData(0, 10, 100, "Peak")]
    [InlineData(1, 100, 100, "WarmUpEpochs")]
    [InlineData(1, -1, 100, "WarmUpEpochs")]
    [InlineData(1, 0, double.NaN, "Epochs")]
    public void An_impossible_option_is_refused_by_name(double peak, double warmUp, double epochs, string option)
    {
        LearningRateSchedule schedule = new() { Peak = peak, WarmUpEpochs = warmUp, Epochs = epochs };

        Assert.Equal(option, Assert.Throws<ArgumentOutOfRangeException>(schedule.Validate).ParamName);
    }
}
