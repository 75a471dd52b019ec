using CobraAD.Attacks;

namespace CobraAD.Tests.Attacks;

public sealed class ThreatModelTests
{
    [Theory]
    [InlineData("4/255", Norm.Linf, 4 / 255.0)]
    [InlineData("0.0157", Norm.Linf, 0.0157)]
    [InlineData("linf:8/255", Norm.Linf, 8 / 255.0)]
    [InlineData("L2 0.5", Norm.L2, 0.5)]
    [InlineData("l2:128/255", Norm.L2, 128 / 255.0)]
    [InlineData("0", Norm.Linf, 0)]
    [InlineData("linf:1", Norm.Linf, 1)]
    public void Radii_are_read_as_people_write_them(string text, Norm norm, double epsilon)
    {
        ThreatModel threat = ThreatModel.Parse(text);

        Assert.Equal(norm, threat.Norm);
        Assert.Equal(epsilon, threat.Epsilon, 1e-15);
        Assert.Equal(threat, ThreatModel.Parse(threat.ToString()));
    }

    [Theory]
    [InlineData("-1/255")]
    [InlineData("4")]
    [InlineData("256/255")]
    [InlineData("l2:-0.1")]
    public void Radii_outside_the_range_are_refused(string text)
    {
        ArgumentOutOfRangeException error = Assert.Throws<ArgumentOutOfRangeException>(() => ThreatModel.Parse(text));

        Assert.Contains("Epsilon must be between 0 and", error.Message);
    }

    [Theory]
    [InlineData("four")]
    [InlineData("4/0")]
    [InlineData("1/2/3")]
    [InlineData("l3:0.1")]
    [InlineData("NaN")]
    [InlineData("")]
    public void Anything_else_is_refused_with_the_valid_forms(string text)
    {
        FormatException error = Assert.Throws<FormatException>(() => ThreatModel.Parse(text));

        Assert.Matches("4/255|linf, l2", error.Message);
    }
}
