using CobraAD.Runtime.Images;

namespace CobraAD.Runtime.Tests.Images;

public sealed class PixelLayoutTests : DetectorTests
{
    [Theory]
    [InlineData(PixelFormat.Rgb, new byte[] { 10, 20, 30 })]
    [InlineData(PixelFormat.Bgr, new byte[] { 30, 20, 10 })]
    [InlineData(PixelFormat.Rgba, new byte[] { 10, 20, 30, 99 })]
    [InlineData(PixelFormat.Bgra, new byte[] { 30, 20, 10, 99 })]
    public void Channels_are_taken_in_the_order_of_the_format(PixelFormat format, byte[] pixel)
    {
        byte[] pixels = [.. Enumerable.Repeat(pixel, 16 * 16).SelectMany(value => value)];

        Assert.Equal(TestModel.ScoreOf(10, 20, 30), Detector.Score(pixels, new PixelLayout(format, 16, 16)).Score, 1e-4);
    }

    [Fact]
    public void Grey_counts_for_all_channels_and_the_gap_between_rows_is_skipped()
    {
        const int stride = 21;
        byte[] pixels = new byte[15 * stride + 16];
        Array.Fill(pixels, (byte)255);
        for (int y = 0; y < 16; y++) pixels.AsSpan(y * stride, 16).Fill(40);

        Assert.Equal(TestModel.ScoreOf(40, 40, 40), Detector.Score(pixels, new PixelLayout(PixelFormat.Grey, 16, 16, stride)).Score, 1e-4);
    }

    [Theory]
    [InlineData(16, 16, 0, 767)]
    [InlineData(16, 16, 47, 9999)]
    [InlineData(0, 16, 0, 9999)]
    [InlineData(16, -1, 0, 9999)]
    public void Impossible_layouts_are_refused(int width, int height, int stride, int bytes) =>
        Assert.Throws<ArgumentException>(() => Detector.Score(new byte[bytes], new PixelLayout(PixelFormat.Rgb, width, height, stride)));
}
