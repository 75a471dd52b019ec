using CobraAD.Cli.Values;

namespace CobraAD.Cli.Tests.Values;

public sealed class RadiusListTests
{
    [Theory]
    [InlineData("4/255", new[] { 4 / 255.0 })]
    [InlineData("0,1,16/255", new[] { 0, 1 / 255.0, 16 / 255.0 })]
    [InlineData("1/255, 2/255", new[] { 1 / 255.0, 2 / 255.0 })]
    [InlineData("0.01,0.5", new[] { 0.01, 0.5 })]
    public void The_last_denominator_serves_all_that_have_none(string text, double[] expected) => Assert.Equal(expected, RadiusList.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("four")]
    [InlineData("1,x/255")]
    [InlineData("1/0")]
    public void What_is_no_radius_is_refused(string text) => Assert.Throws<FormatException>(() => RadiusList.Parse(text));
}
