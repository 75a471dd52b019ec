using CobraAD.Cli.Values;

namespace CobraAD.Cli.Tests.Values;

public sealed class RadiusTests
{
    [Theory]
    [InlineData("4/255", 4.0 / 255)]
    [InlineData("0.0157", 0.0157)]
    [InlineData("1e-3", 0.001)]
    [InlineData("0", 0)]
    public void Fractions_and_decimals_are_read(string text, double expected)
    {
        Assert.True(Radius.TryParse(text, out double radius));
        Assert.Equal(expected, radius);
    }

    [Theory]
    [InlineData("")]
    [InlineData("four")]
    [InlineData("4/0")]
    [InlineData("4/255/2")]
    [InlineData("-4/255")]
    [InlineData("4/")]
    [InlineData("NaN")]
    [InlineData("1,5")]
    public void Anything_else_is_refused(string text) => Assert.False(Radius.TryParse(text, out _));
}
