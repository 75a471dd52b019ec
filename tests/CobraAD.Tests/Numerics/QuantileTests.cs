using CobraAD.Numerics;

namespace CobraAD.Tests.Numerics;

public sealed class QuantileTests
{
    private static readonly double[] Four = [1, 2, 4, 8], Five = [1, 2, 4, 8, 16];

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0.25, 1.75)]
    [InlineData(0.5, 3)]
    [InlineData(0.75, 5)]
    [InlineData(1, 8)]
    public void The_interpolated_one_lies_between_its_neighbours(double share, double expected) =>
        Assert.Equal(expected, Quantile.Interpolated(Four, share));

    [Fact]
    public void Lower_and_upper_are_the_ends_of_the_flat_piece_where_the_share_falls_between_two_values()
    {
        Assert.Equal((2, 4), (Quantile.Lower(Four, 0.5), Quantile.Upper(Four, 0.5)));
        Assert.Equal((1, 2), (Quantile.Lower(Four, 0.25), Quantile.Upper(Four, 0.25)));
        Assert.Equal((4, 8), (Quantile.Lower(Four, 0.75), Quantile.Upper(Four, 0.75)));
    }

    [Fact]
    public void Lower_and_upper_agree_where_one_value_holds_the_share()
    {
        Assert.Equal((4, 4), (Quantile.Lower(Five, 0.5), Quantile.Upper(Five, 0.5)));
        Assert.Equal((16, 16), (Quantile.Lower(Five, 0.95), Quantile.Upper(Five, 0.95)));
    }

    [Fact]
    public void The_one_at_or_before_a_place_is_what_the_interpolated_one_starts_from()
    {
        Assert.Equal(1, Quantile.AtOrBefore(Four, 0.25));
        Assert.Equal(4, Quantile.AtOrBefore(Four, 0.75));
        Assert.Equal(2, Quantile.AtOrBefore(Five, 0.25));
        Assert.Equal(8, Quantile.AtOrBefore(Five, 0.75));
    }

    [Fact]
    public void A_single_value_is_all_of_its_quantiles() => Assert.Equal(
        [7, 7, 7, 7], [Quantile.Interpolated([7], 0.3), Quantile.Lower([7], 0.3), Quantile.Upper([7], 0.3), Quantile.AtOrBefore([7], 0.3)]);
}
