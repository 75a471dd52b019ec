using System.Globalization;
using CobraAD.Validation;

namespace CobraAD.Tests.Validation;

public sealed class OptionCheckTests
{
    [Theory]
    [InlineData(0.25)]
    [InlineData(0.5)]
    [InlineData(1)]
    public void Both_ends_of_a_range_are_allowed(double share) => OptionCheck.Require(share, 0.25, 1);

    [Theory]
    [InlineData(0.249)]
    [InlineData(1.001)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void What_is_outside_is_named_with_its_value_and_the_range(double share)
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => OptionCheck.Require(share, 0.25, 1));

        Assert.Equal("share", error.ParamName);
        Assert.Equal(share, error.ActualValue);
        Assert.StartsWith("share must be between 0.25 and 1.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_range_reads_the_same_in_every_country()
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        CultureInfo comma = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        comma.NumberFormat.NumberDecimalSeparator = ",";
        CultureInfo.CurrentCulture = comma;
        try
        {
            const double width = 2;
            Assert.Contains("between 0.25 and 1.", Assert.Throws<ArgumentOutOfRangeException>(() => OptionCheck.Require(width, 0.25, 1)).Message);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void An_option_that_is_left_out_passes()
    {
        int? steps = null;
        double? size = null;

        OptionCheck.Require(steps, 1, 10);
        OptionCheck.RequireAtLeast(steps, 1);
        OptionCheck.RequirePositive(size, 1);
    }

    [Fact]
    public void An_option_that_may_be_left_out_is_checked_when_it_is_given()
    {
        int? steps = 0;
        double? size = 0;

        Fails("steps must be between 1 and 10.", () => OptionCheck.Require(steps, 1, 10));
        Fails("steps must be at least 1.", () => OptionCheck.RequireAtLeast(steps, 1));
        Fails("size must be above 0 and at most 1.", () => OptionCheck.RequirePositive(size, 1));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1.5)]
    [InlineData(double.NaN)]
    public void A_positive_option_is_above_0_and_at_most_its_highest(double rate) =>
        Fails("rate must be above 0 and at most 1.", () => OptionCheck.RequirePositive(rate, 1));

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1)]
    [InlineData(double.NaN)]
    public void A_decay_never_reaches_1(double decay) => Fails("decay must be at least 0 and below 1.", () => OptionCheck.RequireBelowOne(decay));

    [Fact]
    public void An_enumeration_lists_its_members()
    {
        const DayOfWeek day = (DayOfWeek)9;

        Fails("day must be one of Sunday, Monday, Tuesday, Wednesday, Thursday, Friday, Saturday.", () => OptionCheck.RequireDefined(day));
        OptionCheck.RequireDefined(DayOfWeek.Monday);
    }

    [Fact]
    public void A_list_is_shown_by_its_entries()
    {
        int[] stages = [3, 1];

        var error = Assert.Throws<ArgumentOutOfRangeException>(() => OptionCheck.RequireList(stages, false, "ascending"));

        Assert.Equal("3, 1", error.ActualValue);
        Assert.StartsWith("stages must be ascending.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_member_of_an_option_is_named_by_its_path()
    {
        (int Width, int Height) image = (1, 2);

        Assert.Equal("image.Width", Assert.Throws<ArgumentOutOfRangeException>(() => OptionCheck.Require(image.Width, 2, 3)).ParamName);
    }

    private static void Fails(string message, Action check) =>
        Assert.StartsWith(message, Assert.Throws<ArgumentOutOfRangeException>(check).Message, StringComparison.Ordinal);
}
