using CobraAD.Cli.Values;

namespace CobraAD.Cli.Tests.Values;

public sealed class TimeLimitTests
{
    [Theory]
    [InlineData("90s", 90)]
    [InlineData("10m", 600)]
    [InlineData("1.5h", 5400)]
    public void Seconds_minutes_and_hours_are_read(string text, double seconds) => Assert.Equal(seconds, TimeLimit.Parse(text).TotalSeconds);

    [Theory]
    [InlineData("")]
    [InlineData("10")]
    [InlineData("-5m")]
    [InlineData("0s")]
    [InlineData("200h")]
    public void Anything_else_is_refused_with_the_forms_that_are(string text) =>
        Assert.Contains("90s, 10m, 2h", Assert.Throws<FormatException>(() => TimeLimit.Parse(text)).Message, StringComparison.Ordinal);
}
