using CobraAD.Imaging;

namespace CobraAD.Tests.Imaging;

public sealed class FramingTests
{
    [Fact]
    public void A_file_that_is_no_image_is_no_mask()
    {
        using TemporaryFolder folder = new();

        ArgumentException refused = Assert.Throws<ArgumentException>(() => Framing.ReadMask(folder.File("mask.txt", "white")));

        Assert.Contains("mask.txt", refused.Message, StringComparison.Ordinal);
        Assert.Contains("as large as the pictures", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mask_that_shows_nothing_is_refused()
    {
        using TemporaryFolder folder = new();
        string path = folder.File("black.png");
        File.WriteAllBytes(path, Picture.Plain(0));

        Assert.Contains("black everywhere", Assert.Throws<ArgumentException>(() => Framing.ReadMask(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_outside_of_their_ranges_are_named()
    {
        foreach (PixelRegion region in (PixelRegion[])[new(-1, 0, 4, 4), new(0, -1, 4, 4), new(0, 0, 0, 4), new(0, 0, 4, 0)])
            Assert.Throws<ArgumentOutOfRangeException>("Region", () => new Framing { Region = region }.Validate());
        foreach (DepthWindow window in (DepthWindow[])[new(-1, 5), new(5, 5), new(0, 65536)])
            Assert.Throws<ArgumentOutOfRangeException>("Window", () => new Framing { Window = window }.Validate());
        Assert.Throws<ArgumentOutOfRangeException>("Mask", () => new Framing { Mask = "%" }.Validate());
        Assert.Throws<ArgumentOutOfRangeException>("Mask", () => new Framing { Mask = "AAAA" }.Validate());
        Assert.Throws<ArgumentOutOfRangeException>("Fit", () => new Framing { Fit = (ImageFit)7 }.Validate());
        Assert.Throws<ArgumentOutOfRangeException>("Region", () => new Framing { Region = new PixelRegion(0, 0, 4, 4), Mask = "AAAA" }.Validate());
    }
}
