using System.Text.Json.Nodes;
using CobraAD.Imaging;
using CobraAD.Serialization;
using SkiaSharp;

namespace CobraAD.Tests.Imaging;

public sealed class PlacementTests
{
    private readonly ImageReader reader = new();

    [Fact]
    public void A_region_is_cut_out_before_the_image_is_resized()
    {
        RgbImage whole = reader.Read(Picture.Encode(SKEncodedImageFormat.Png, 20, 12), "a.png");

        byte[] placed = Place(whole, new Framing { Region = new PixelRegion(3, 2, 8, 4) }, 8, 4);

        for (int y = 0; y < 4; y++)
            for (int x = 0; x < 8; x++) Assert.Equal((10 * (x + 3), 10 * (y + 2), 200), At(placed, 8, 4, x, y));
    }

    [Fact]
    public void Padding_keeps_the_aspect_and_is_the_same_grey_in_every_picture()
    {
        RgbImage wide = reader.Read(Picture.Encode(SKEncodedImageFormat.Png, 16, 8), "a.png");

        byte[] placed = Place(wide, new Framing { Fit = ImageFit.Pad }, 16, 16);

        for (int y = 0; y < 16; y++)
        {
            for (int x = 0; x < 16; x++)
                Assert.Equal(y is >= 4 and < 12 ? (10 * x, 10 * (y - 4), 200) : (128, 128, 128), At(placed, 16, 16, x, y));
        }
    }

    [Fact]
    public void Cropping_keeps_the_middle_of_the_longer_side()
    {
        RgbImage tall = reader.Read(Picture.Encode(SKEncodedImageFormat.Png, 8, 20), "a.png");

        byte[] placed = Place(tall, new Framing { Fit = ImageFit.Crop }, 8, 8);

        for (int y = 0; y < 8; y++)
            for (int x = 0; x < 8; x++) Assert.Equal((10 * x, 10 * (y + 6), 200), At(placed, 8, 8, x, y));
    }

    [Theory]
    [InlineData(ImageFit.Stretch)]
    [InlineData(ImageFit.Pad)]
    [InlineData(ImageFit.Crop)]
    public void A_square_is_fitted_alike_in_every_way(ImageFit fit)
    {
        RgbImage square = reader.Read(Picture.Encode(SKEncodedImageFormat.Png, 20, 20), "a.png");

        Assert.Equal(square.Resize(7, 7).Pixels.ToArray(), Place(square, new Framing { Fit = fit }, 7, 7));
    }

    [Theory]
    [InlineData(ImageFit.Pad, 1000, 1)]
    [InlineData(ImageFit.Crop, 1, 1000)]
    public void A_picture_as_thin_as_can_be_still_shows_something(ImageFit fit, int width, int height)
    {
        RgbImage thin = reader.Read(Picture.Plain(40, width, height), "a.png");

        Assert.Contains((byte)40, Place(thin, new Framing { Fit = fit }, 16, 16));
    }

    [Fact]
    public void What_a_mask_hides_changes_nothing()
    {
        using TemporaryFolder folder = new();
        string mask = folder.File("mask.png");
        File.WriteAllBytes(mask, Drawn(12, 10, (x, y) => (byte)(x is >= 2 and < 8 && y is >= 3 and < 9 && (x, y) != (4, 5) ? 255 : 0)));
        Framing framing = new() { Mask = Framing.ReadMask(mask) };
        RgbImage one = reader.Read(Drawn(12, 10, (_, _) => 60), "one.png");
        RgbImage other = reader.Read(Drawn(12, 10, (x, y) => (byte)(x is >= 2 and < 8 && y is >= 3 and < 9 && (x, y) != (4, 5) ? 60 : 250)), "other.png");

        byte[] placed = Place(one, framing, 6, 6);

        Assert.Equal(placed, Place(other, framing, 6, 6));
        Assert.Equal((60, 60, 60), At(placed, 6, 6, 0, 0));
        Assert.Equal((128, 128, 128), At(placed, 6, 6, 2, 2));
    }

    [Fact]
    public void A_mask_without_anything_bright_shows_what_is_not_black()
    {
        using TemporaryFolder folder = new();
        string bright = folder.File("bright.png"), numbered = folder.File("numbered.png");
        File.WriteAllBytes(bright, Drawn(9, 9, (x, _) => (byte)(x > 3 ? 255 : 0)));
        File.WriteAllBytes(numbered, Drawn(9, 9, (x, _) => (byte)(x > 3 ? 1 : 0)));

        Assert.Equal(Framing.ReadMask(bright), Framing.ReadMask(numbered));
    }

    [Fact]
    public void A_window_keeps_the_levels_that_eight_bits_would_lose()
    {
        RgbImage deep = reader.Read(Picture.EncodeDeepPng(256, 1, 1, (x, _, _) => 1000 + x), "a.png");

        byte[] full = Place(deep, new Framing(), 256, 1), windowed = Place(deep, new Framing { Window = new DepthWindow(1000, 1255) }, 256, 1);

        Assert.True(full.Distinct().Count() <= 2);
        Assert.Equal([.. Enumerable.Range(0, 256).Select(i => (byte)i)], windowed[..256]);
    }

    [Fact]
    public void Samples_outside_of_the_window_are_black_and_white_and_bytes_count_like_deep_samples()
    {
        DepthWindow window = new(100 * 257, 200 * 257);
        RgbImage shallow = reader.Read(Drawn(4, 1, (x, _) => (byte)(x switch { 0 => 50, 1 => 100, 2 => 150, _ => 220 })), "a.png");
        RgbImage deep = reader.Read(Picture.EncodeDeepPng(4, 1, 1, (x, _, _) => x switch { 0 => 1, 1 => 100 * 257, 2 => 150 * 257, _ => 65000 }), "b.png");

        foreach (RgbImage image in (RgbImage[])[shallow, deep]) Assert.Equal([0, 0, 128, 255], Place(image, new Framing { Window = window }, 4, 1)[..4]);
    }

    [Fact]
    public void Colours_become_the_grey_that_they_look_like()
    {
        using SKBitmap bitmap = new(new SKImageInfo(3, 1, SKColorType.Rgba8888, SKAlphaType.Unpremul));
        (SKColor Color, int Grey)[] known = [(SKColors.Red, 76), (SKColors.Lime, 150), (SKColors.Blue, 29)];
        for (int x = 0; x < 3; x++) bitmap.SetPixel(x, 0, known[x].Color);
        using SKData png = bitmap.Encode(SKEncodedImageFormat.Png, 100);

        byte[] placed = Place(reader.Read(png.ToArray(), "a.png"), new Framing { Grey = true }, 3, 1);

        for (int x = 0; x < 3; x++) Assert.Equal((known[x].Grey, known[x].Grey, known[x].Grey), At(placed, 3, 1, x, 0));
    }

    [Fact]
    public void The_masks_of_defects_lie_where_the_defects_are_shown()
    {
        Framing framing = new() { Fit = ImageFit.Pad, Region = new PixelRegion(2, 2, 12, 6), Grey = true, Window = new DepthWindow(5, 6) };
        RgbImage marks = reader.Read(Drawn(20, 20, (x, y) => (byte)((x, y) == (5, 4) ? 255 : 0)), "mask.png");
        byte[] placed = new byte[3 * 12 * 12];

        marks.PlaceInto(placed, 12, 12, Placements.Of(framing).OfMarks);

        Assert.Equal(5 * 12 + 3, Assert.Single(Enumerable.Range(0, 144), i => placed[i] != 0));
    }

    [Theory]
    [InlineData(ImageFit.Stretch)]
    [InlineData(ImageFit.Pad)]
    [InlineData(ImageFit.Crop)]
    public void A_map_comes_back_to_where_the_network_saw_it(ImageFit fit)
    {
        Placement placement = Placements.Of(new Framing { Fit = fit, Region = new PixelRegion(10, 20, 60, 30) });
        RgbImage picture = reader.Read(Drawn(100, 80, (x, y) => (byte)((x, y) is ( >= 38 and < 44, >= 32 and < 38) ? 255 : 0)), "a.png");
        byte[] seen = new byte[3 * 60 * 60];
        picture.PlaceInto(seen, 60, 60, placement);

        (float[] map, int width, int height) = placement.Back([.. seen[..3600].Select(value => (float)value)], 60, 60, 100, 80, outside: -1);

        (int x, int y) = Brightest();
        Assert.InRange((x + 0.5) * 100 / width, 38, 44);
        Assert.InRange((y + 0.5) * 80 / height, 32, 38);
        Assert.Equal(-1, map[0]);
        Assert.Equal(-1, map[^1]);
        Assert.Equal(100.0 / 80, (double)width / height, 0.02);

        (int X, int Y) Brightest()
        {
            int[] bright = [.. Enumerable.Range(0, map.Length).Where(i => map[i] > 200)];
            return ((int)bright.Average(i => i % width), (int)bright.Average(i => i / width));
        }
    }

    [Fact]
    public void Where_nothing_is_cut_a_map_stays_as_it_is()
    {
        float[] map = [1, 2, 3, 4];

        Assert.Equal((map, 2, 2), Placements.Of(new Framing { Grey = true }).Back(map, 2, 2, 90, 60, 0));
    }

    [Theory]
    [InlineData(7, 0, 4, 4)]
    [InlineData(0, 7, 4, 4)]
    [InlineData(0, 0, 11, 10)]
    [InlineData(int.MaxValue, 0, int.MaxValue, 1)]
    public void A_region_outside_of_the_image_is_refused_by_both_sizes(int x, int y, int width, int height)
    {
        RgbImage image = reader.Read(Picture.Plain(1, 10, 10), "a.png");

        DecodeException refused = Assert.Throws<DecodeException>(() => Place(image, new Framing { Region = new PixelRegion(x, y, width, height) }, 8, 8));

        Assert.Equal(DecodeFailure.Misplaced, refused.Failure);
        Assert.Contains($"{width} × {height} pixels from {x}, {y} on, is not inside of its 10 × 10 pixels", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mask_of_another_size_is_refused_by_both_sizes()
    {
        using TemporaryFolder folder = new();
        string mask = folder.File("mask.png");
        File.WriteAllBytes(mask, Picture.Plain(255, 20, 10));
        RgbImage image = reader.Read(Picture.Plain(1, 10, 20), "a.png");

        DecodeException refused = Assert.Throws<DecodeException>(() => Place(image, new Framing { Mask = Framing.ReadMask(mask) }, 8, 8));

        Assert.Contains("10 × 20 pixels, and the mask of the region of interest 20 × 10", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "fit": "squeeze", "grey": false }""", "squeeze")]
    [InlineData("""{ "fit": "pad" }""", "cannot be read")]
    [InlineData("""{ "fit": "pad", "grey": false, "region": { "x": -1, "y": 0, "width": 3, "height": 3 } }""", "region of interest")]
    [InlineData("""{ "fit": "pad", "grey": false, "window": { "low": 9, "high": 9 } }""", "from 9 to 9")]
    [InlineData("""{ "fit": "pad", "grey": false, "mask": "AAAA" }""", "mask of the region of interest cannot be decoded")]
    public void What_cannot_be_a_framing_is_refused(string json, string expected) =>
        Assert.Contains(expected, Assert.Throws<FormatException>(() => Placement.Read(JsonNode.Parse(json))).Message, StringComparison.Ordinal);

    private static byte[] Place(RgbImage image, Framing framing, int width, int height)
    {
        byte[] placed = new byte[3 * width * height];
        image.PlaceInto(placed, width, height, Placements.Of(framing));
        return placed;
    }

    private static (int Red, int Green, int Blue) At(byte[] planes, int width, int height, int x, int y) =>
        (planes[y * width + x], planes[(height + y) * width + x], planes[(2 * height + y) * width + x]);

    private static byte[] Drawn(int width, int height, Func<int, int, byte> grey)
    {
        using SKBitmap bitmap = new(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul));
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++) bitmap.SetPixel(x, y, new SKColor(grey(x, y), grey(x, y), grey(x, y)));
        using SKData data = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        return data.ToArray();
    }
}
