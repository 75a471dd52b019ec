using CobraAD.Reporting.Pictures;
using SkiaSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Reporting.Pictures;

public class ImageGridTests
{
    [Fact]
    public void A_png_holds_the_pixels_of_its_image()
    {
        using Tensor image = SampleReport.Pictures(1, 16, 4)[0];

        using SKBitmap bitmap = SKBitmap.Decode(PngImage.Encode(image));

        Assert.Equal((16, 16), (bitmap.Width, bitmap.Height));
        for (int channel = 0; channel < 3; channel++)
        {
            double expected = Math.Round(255 * image[channel, 5, 9].item<float>());
            SKColor colour = bitmap.GetPixel(9, 5);
            Assert.Equal(expected, new[] { colour.Red, colour.Green, colour.Blue }[channel]);
        }
    }

    [Fact]
    public void A_perturbation_is_grey_where_nothing_changed_and_magnified_elsewhere()
    {
        using Tensor clean = full([3, 2, 2], 0.5f), attacked = clean.clone();
        attacked[0, 0, 0] = tensor(0.5f + 1 / 255f);

        using SKBitmap bitmap = SKBitmap.Decode(PngImage.EncodePerturbation(clean, attacked, 32));

        Assert.Equal(new SKColor(160, 128, 128), bitmap.GetPixel(0, 0));
        Assert.Equal(new SKColor(128, 128, 128), bitmap.GetPixel(1, 1));
    }

    [Fact]
    public void Images_are_enlarged_without_smoothing_and_captions_are_drawn_without_system_fonts()
    {
        using TemporaryFolder folder = new();
        using Tensor white = ones([3, 3, 24, 24]), black = zeros([2, 3, 24, 24]);

        ImageGrid.Write(folder.File("grid.png"), [new("Normal", white), new("Pseudo-anomalies", black, ["p = 0.012", "p = 0.003, a caption much too long for its image"])]);

        using SKBitmap bitmap = SKBitmap.Decode(folder.File("grid.png"));
        Assert.Equal(2 * 24 + 3 * 144 + 2 * 10, bitmap.Width);
        Assert.Equal(SKColors.White, bitmap.GetPixel(24 + 40, 24 + 30 + 50));
        int secondRow = 24 + 30 + 144 + 18 + 30;
        Assert.Equal(SKColors.Black, bitmap.GetPixel(24 + 143, secondRow + 143));
        Assert.Contains(Enumerable.Range(24, 200), x => Enumerable.Range(secondRow + 145, 20).Any(y => bitmap.GetPixel(x, y).Red < 150));
    }

    [Fact]
    public void Captions_must_fit_the_images()
    {
        using Tensor images = ones([2, 3, 8, 8]);

        ArgumentException error = Assert.Throws<ArgumentException>(() => ImageGrid.Encode([new("row", images, ["one"])]));

        Assert.Contains("1 captions for 2 images", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Something_that_is_no_image_is_refused()
    {
        using Tensor grey = ones([1, 8, 8]);

        Assert.Throws<ArgumentException>("image", () => PngImage.Encode(grey));
    }
}
