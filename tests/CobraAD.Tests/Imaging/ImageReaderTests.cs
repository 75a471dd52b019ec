using BitMiracle.LibTiff.Classic;
using CobraAD.Imaging;
using SkiaSharp;

namespace CobraAD.Tests.Imaging;

public sealed class ImageReaderTests
{
    private readonly ImageReader reader = new();

    [Fact]
    public void Png_keeps_every_pixel()
    {
        RgbImage image = reader.Read(Picture.Encode(SKEncodedImageFormat.Png, 7, 5), "a.png");

        Assert.Equal((7, 5), (image.Width, image.Height));
        Assert.Equal((60, 40, 200), image.At(6, 4));
        Assert.Equal((30, 10, 200), image.At(3, 1));
    }

    [Fact]
    public void Bmp_keeps_every_pixel()
    {
        RgbImage image = reader.Read(Picture.EncodeBmp(7, 5, blue: 200), "a.bmp");

        Assert.Equal((60, 40, 200), image.At(6, 4));
        Assert.Equal((30, 10, 200), image.At(3, 1));
    }

    [Theory]
    [InlineData(SKEncodedImageFormat.Jpeg)]
    [InlineData(SKEncodedImageFormat.Webp)]
    public void Lossy_formats_are_read_at_the_right_place(SKEncodedImageFormat format)
    {
        RgbImage image = reader.Read(Picture.Encode(format, 16, 16), "a");

        (int red, int green, int blue) = image.At(14, 2);
        Assert.InRange(red, 125, 155);
        Assert.InRange(green, 5, 35);
        Assert.InRange(blue, 185, 215);
    }

    [Fact]
    public void Alpha_is_dropped_and_colours_stay_as_stored()
    {
        RgbImage image = reader.Read(Picture.Encode(SKEncodedImageFormat.Png, 7, 5, alpha: 128), "a.png");

        Assert.Equal((60, 40, 200), image.At(6, 4));
    }

    [Fact]
    public void Grey_becomes_three_equal_channels()
    {
        RgbImage image = reader.Read(Picture.Plain(77), "a.png");

        Assert.Equal((77, 77, 77), image.At(3, 3));
    }

    // Where the stored pixel (1, 0) of a 4 × 3 picture lies in the upright one, by the meaning of the tag.
    [Theory]
    [InlineData(1, 4, 3, 1, 0)]
    [InlineData(2, 4, 3, 2, 0)]
    [InlineData(3, 4, 3, 2, 2)]
    [InlineData(4, 4, 3, 1, 2)]
    [InlineData(5, 3, 4, 0, 1)]
    [InlineData(6, 3, 4, 2, 1)]
    [InlineData(7, 3, 4, 2, 2)]
    [InlineData(8, 3, 4, 0, 2)]
    public void The_orientation_tag_of_tiff_is_honoured(int orientation, int width, int height, int x, int y)
    {
        byte[] tiff = Picture.EncodeTiff(4, 3, 8, 3, Photometric.RGB, (column, row, s) => s switch { 0 => 10 * column, 1 => 10 * row, _ => 5 }, orientation);

        RgbImage image = reader.Read(tiff, "a.tif");

        Assert.Equal((width, height), (image.Width, image.Height));
        Assert.Equal((10, 0, 5), image.At(x, y));
    }

    [Theory]
    [InlineData(1, 32, 16, 10, 4)]
    [InlineData(3, 32, 16, 21, 11)]
    [InlineData(6, 16, 32, 11, 10)]
    [InlineData(8, 16, 32, 4, 21)]
    public void The_exif_orientation_of_jpeg_is_honoured(int orientation, int width, int height, int x, int y)
    {
        byte[] jpeg = Picture.Encode(SKEncodedImageFormat.Jpeg, 32, 16);
        byte[] exif = [0xff, 0xe1, 0, 34, .. "Exif\0\0"u8, .. "MM\0*"u8, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, (byte)orientation, 0, 0, 0, 0, 0, 0];

        RgbImage image = reader.Read([.. jpeg[..2], .. exif, .. jpeg[2..]], "a.jpg");

        Assert.Equal((width, height), (image.Width, image.Height));
        (int red, int green, _) = image.At(x, y);
        Assert.InRange(red, 90, 110);
        Assert.InRange(green, 30, 50);
    }

    [Theory]
    [InlineData(8, 3, false, false)]
    [InlineData(8, 3, true, false)]
    [InlineData(8, 3, false, true)]
    [InlineData(16, 3, false, false)]
    [InlineData(16, 3, true, true)]
    [InlineData(8, 4, false, false)]
    [InlineData(16, 4, true, false)]
    public void Tiff_in_colour_keeps_every_pixel(int bits, int samples, bool tiled, bool separate)
    {
        int full = bits == 8 ? 1 : 257;
        byte[] tiff = Picture.EncodeTiff(
            20, 18, bits, samples, Photometric.RGB, (x, y, s) => full * (s switch { 0 => 10 * x, 1 => 10 * y, 2 => 200, _ => 60 }) & 0xffff,
            tiled: tiled, separate: separate);

        RgbImage image = reader.Read(tiff, "a.tif");

        Assert.Equal((190, 170, 200), image.At(19, 17));
        Assert.Equal((30, 10, 200), image.At(3, 1));
    }

    [Theory]
    [InlineData(8, Photometric.MINISBLACK, 90, 90)]
    [InlineData(8, Photometric.MINISWHITE, 90, 165)]
    [InlineData(16, Photometric.MINISBLACK, 65535, 255)]
    [InlineData(16, Photometric.MINISBLACK, 25700, 100)]
    [InlineData(16, Photometric.MINISWHITE, 25700, 155)]
    public void Tiff_in_grey_uses_the_full_range(int bits, Photometric photometric, int stored, int expected)
    {
        byte[] tiff = Picture.EncodeTiff(9, 4, bits, 1, photometric, (_, _, _) => stored);

        RgbImage image = reader.Read(tiff, "a.tif");

        Assert.Equal((expected, expected, expected), image.At(8, 3));
    }

    [Fact]
    public void More_pixels_than_allowed_are_refused_by_the_header()
    {
        ImageReader strict = new() { MaxPixels = 34 };

        ImageReadException png = Assert.Throws<ImageReadException>(() => strict.Read(Picture.Encode(SKEncodedImageFormat.Png, 7, 5), "bomb.png"));
        ImageReadException tiff = Assert.Throws<ImageReadException>(() => strict.Read(Picture.EncodeTiff(7, 5, 8, 1, Photometric.MINISBLACK, (_, _, _) => 0), "bomb.tif"));

        Assert.Contains("bomb.png", png.Message, StringComparison.Ordinal);
        Assert.Contains("7 × 5", png.Message, StringComparison.Ordinal);
        Assert.Contains("7 × 5", tiff.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_cut_short_is_refused()
    {
        byte[] png = Picture.Encode(SKEncodedImageFormat.Png, 64, 64);
        byte[] tiff = Picture.EncodeTiff(64, 64, 8, 1, Photometric.MINISBLACK, (x, y, _) => x * y % 251);

        Assert.Throws<ImageReadException>(() => reader.Read(png[..(png.Length / 2)], "a.png"));
        Assert.Throws<ImageReadException>(() => reader.Read(tiff[..(tiff.Length / 2)], "a.tif"));
    }

    [Fact]
    public void What_is_no_image_is_refused_with_its_path()
    {
        ImageReadException garbage = Assert.Throws<ImageReadException>(() => reader.Read("not an image"u8.ToArray(), "notes.png"));
        ImageReadException nothing = Assert.Throws<ImageReadException>(() => reader.Read([], "empty.png"));
        ImageReadException missing = Assert.Throws<ImageReadException>(() => reader.Read(Path.Combine(Path.GetTempPath(), "no-such-image.png")));

        Assert.Equal("notes.png", garbage.ImageSource);
        Assert.Contains("empty", nothing.Reason, StringComparison.Ordinal);
        Assert.Contains("no-such-image.png", missing.Message, StringComparison.Ordinal);
    }
}
