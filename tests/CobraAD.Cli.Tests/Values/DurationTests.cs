using CobraAD.Cli.Values;

namespace CobraAD.Cli.Tests.Values;

/// <summary>Amounts of time as people write them.</summary>
public sealed class DurationTests
{
    [Theory]
    [InlineData("90s", 90)]
    [InlineData("20m", 1200)]
    [InlineData("1.5h", 5400)]
    public void An_amount_of_time_has_a_unit(string text, double seconds)
    {
        Assert.True(Duration.TryParse(text, out TimeSpan time));
        Assert.Equal(seconds, time.TotalSeconds);
    }

    [Theory]
    [InlineData("")]
    [InlineData("20")]
    [InlineData("m")]
    [InlineData("0m")]
    [InlineData("-3m")]
    [InlineData("1e9h")]
    [InlineData("20 min")]
    public void Anything_else_is_none(string text) => Assert.False(Duration.TryParse(text, out _));

    [Theory]
    [InlineData(1, "1 second")]
    [InlineData(89, "89 seconds")]
    [InlineData(1200, "20 minutes")]
    [InlineData(9000, "2.5 hours")]
    public void It_is_said_in_the_unit_that_people_would_take(double seconds, string words) => Assert.Equal(words, Duration.InWords(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData(7, "0:07")]
    [InlineData(750, "12:30")]
    [InlineData(3600, "1:00:00")]
    [InlineData(108300, "30:05:00")]
    public void A_clock_does_not_begin_anew_after_a_day(double seconds, string clock) => Assert.Equal(clock, Duration.OnAClock(TimeSpan.FromSeconds(seconds)));

    [Fact]
    public async Task A_wrong_one_is_a_usage_error()
    {
        (int exitCode, _, string error) = await CommandLine.Run("train", "nowhere", "--time", "soon");

        Assert.Equal(2, exitCode);
        Assert.Contains("20m", error, StringComparison.Ordinal);
    }
}
