using BitMiracle.LibTiff.Classic;
using CobraAD.Imaging;
using SkiaSharp;

namespace CobraAD.Tests.Imaging;

/// <summary>16 bits a channel mean the same in every format, and stay 16 bits until the image has its size.</summary>
public sealed class DeepImageTests
{
    private readonly ImageReader reader = new();

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, true)]
    [InlineData(3, false)]
    [InlineData(3, true)]
    [InlineData(4, false)]
    public void Png_and_tiff_of_the_same_twelve_bits_are_the_same_picture(int samples, bool isInterlaced)
    {
        Random random = new(5);
        int[] values = [.. Enumerable.Range(0, 23 * 19 * 3).Select(_ => random.Next(4096))];
        int colors = samples < 3 ? 1 : 3;
        byte[] png = Picture.EncodeDeepPng(23, 19, samples, (x, y, s) => s < colors ? values[(y * 23 + x) * 3 + s] : 1234, isInterlaced);
        byte[] tiff = Picture.EncodeTiff(23, 19, 16, colors, colors == 1 ? Photometric.MINISBLACK : Photometric.RGB, (x, y, s) => values[(y * 23 + x) * 3 + s]);

        foreach ((int width, int height) in ((int, int)[])[(23, 19), (8, 8), (40, 33)])
            Assert.Equal(reader.Read(tiff, "a.tif").Resize(width, height).Pixels.ToArray(), reader.Read(png, "a.png").Resize(width, height).Pixels.ToArray());
    }

    [Fact]
    public void Rounding_to_eight_bits_comes_after_resizing()
    {
        // Half of the pixels are just below a grey level and half at zero: bytes would be 0 and 1, their mean 0.5 and 1; it is 0.498.
        byte[] png = Picture.EncodeDeepPng(2, 2, 1, (x, _, _) => x == 0 ? 0 : 256);

        Assert.Equal((0, 0, 0), reader.Read(png, "a.png").Resize(1, 1).At(0, 0));
    }

    [Fact]
    public void Bytes_that_were_widened_give_what_the_bytes_give()
    {
        byte[] shallow = Picture.Encode(SKEncodedImageFormat.Png, 25, 24);
        byte[] deep = Picture.EncodeDeepPng(25, 24, 3, (x, y, s) => 257 * (s switch { 0 => 10 * x, 1 => 10 * y, _ => 200 }));

        Assert.Equal(reader.Read(shallow, "a.png").Resize(7, 9).Pixels.ToArray(), reader.Read(deep, "b.png").Resize(7, 9).Pixels.ToArray());
    }

    [Fact]
    public void A_deep_png_claims_its_pixels_before_it_is_decoded()
    {
        ImageReader strict = new() { MaxPixels = 34 };

        ImageReadException refused = Assert.Throws<ImageReadException>(() => strict.Read(Picture.EncodeDeepPng(7, 5, 3, (_, _, _) => 1), "bomb.png"));

        Assert.Contains("7 × 5", refused.Message, StringComparison.Ordinal);
    }
}
