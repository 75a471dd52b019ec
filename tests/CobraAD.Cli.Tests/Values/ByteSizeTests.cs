using CobraAD.Cli.Values;

namespace CobraAD.Cli.Tests.Values;

public sealed class ByteSizeTests
{
    [Theory]
    [InlineData("1048576", 1048576)]
    [InlineData("2GB", 2_000_000_000)]
    [InlineData("2 GiB", 2_147_483_648)]
    [InlineData("1.5k", 1500)]
    [InlineData("512mib", 536_870_912)]
    [InlineData("7B", 7)]
    public void Decimal_and_binary_units_are_read(string text, long expected)
    {
        Assert.True(ByteSize.TryParse(text, out long bytes));
        Assert.Equal(expected, bytes);
    }

    [Theory]
    [InlineData("")]
    [InlineData("GB")]
    [InlineData("2XB")]
    [InlineData("-1GB")]
    [InlineData("1iB")]
    [InlineData("99999999999TB")]
    public void Anything_else_is_refused(string text) => Assert.False(ByteSize.TryParse(text, out _));

    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(1023, "1023 B")]
    [InlineData(1536, "1.5 KiB")]
    [InlineData(2_147_483_648, "2 GiB")]
    public void Sizes_are_written_in_the_largest_unit(long bytes, string expected) => Assert.Equal(expected, ByteSize.Format(bytes));
}
