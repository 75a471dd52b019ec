using CobraAD.Numerics;

namespace CobraAD.Tests.Numerics;

public sealed class AscendingTests
{
    [Theory]
    [InlineData(0.0, 0, 0)]
    [InlineData(1.0, 0, 1)]
    [InlineData(1.5, 1, 1)]
    [InlineData(2.0, 1, 4)]
    [InlineData(3.0, 4, 5)]
    [InlineData(4.0, 5, 5)]
    [InlineData(double.NegativeInfinity, 0, 0)]
    [InlineData(double.PositiveInfinity, 5, 5)]
    public void Values_below_and_up_to_a_value_are_counted(double value, int below, int upTo)
    {
        double[] ascending = [1, 2, 2, 2, 3];

        Assert.Equal(below, Ascending.Below(ascending, value));
        Assert.Equal(upTo, Ascending.UpTo(ascending, value));
    }

    [Fact]
    public void Of_no_values_none_is_below() => Assert.Equal((0, 0), (Ascending.Below([], 1), Ascending.UpTo([], 1)));
}
