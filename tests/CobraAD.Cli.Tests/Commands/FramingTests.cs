using System.Text.Json.Nodes;
using CobraAD.Runtime;
using SkiaSharp;

namespace CobraAD.Cli.Tests.Commands;

/// <summary>How pictures are framed is said once, at the training, and holds wherever the model goes.</summary>
public sealed class FramingTests
{
    [Fact]
    public async Task A_framed_model_scores_evaluates_and_exports_the_same_part_of_every_picture()
    {
        using TemporaryFolder folder = new();
        string data = DrawnParts.In(folder), model = folder.File("model.cobra"), onnx = folder.File("model.onnx"), small = folder.File("small.png"), mask = folder.File("mask.png");
        Draw(mask, 16, 16, SKColors.White, new SKRectI(0, 0, 14, 10));
        Draw(small, 10, 10, SKColors.SteelBlue, new SKRectI(0, 0, 10, 10));

        (int trained, string report, string error) = await CommandLine.Run(
            "train", data, "-o", model, "--method", "dn2", "--backbone", "random", "--image-size", "16", "--fit", "pad", "--roi", mask, "--color", "grey", "--threads", "1");
        Assert.True(trained == 0, error);
        (_, string description, _) = await CommandLine.Run("info", model, "--threads", "1");
        JsonNode card = await CommandLine.Json("info", model, "--threads", "1");
        JsonNode scores = await CommandLine.Json("score", model, Path.Combine(data, "test"), "--heatmaps", folder.File("maps"), "--threads", "1");
        (int refused, _, string reason) = await CommandLine.Run("score", model, small, "--threads", "1");
        JsonNode exported = await CommandLine.Json("export", model, "-o", onnx, "--measure", data, "--threads", "1");
        (int evaluated, _, string refusal) = await CommandLine.Run("evaluate", model, data, "--epsilon", "2/255", "--attack", "fgsm", "--threads", "1");

        Assert.Contains("what its mask shows, padded to a square, turned grey", error + report, StringComparison.Ordinal);
        Assert.Contains("images          16 × 16 pixels: what its mask shows, padded to a square, turned grey", description, StringComparison.Ordinal);
        Assert.Equal("pad", (string?)card["data"]!["framing"]!["fit"]);
        Assert.True(evaluated == 0, refusal);
        JsonArray images = scores["images"]!.AsArray();
        // The good test images are copies of training images: their distance, 0, is a difference of large squares in the exported graph.
        double tolerance = 1e-3 * images.Max(image => Math.Abs((double)image!["rawScore"]!));
        Assert.InRange((double)exported["fidelity"]!["largestDifference"]!, 0, tolerance);
        Assert.Equal(1, refused);
        Assert.Contains("small.png: it has 10 × 10 pixels, and the mask of the region of interest 16 × 16", reason, StringComparison.Ordinal);
        Assert.Equal(8, images.Count);
        using RobustDetector runtime = RobustDetector.Load(onnx);
        foreach (JsonNode? image in images)
        {
            Assert.Equal((double)image!["rawScore"]!, runtime.Score((string)image["path"]!).Score, tolerance);
            using SKBitmap picture = SKBitmap.Decode((string)image["heatMap"]!);
            // The region's 14 pixels fill the network's 16: of the whole picture that is 18.
            Assert.Equal((18, 18), (picture.Width, picture.Height));
        }
    }

    [Fact]
    public async Task Framing_goes_together_with_tiles()
    {
        using TemporaryFolder folder = new();
        string data = DrawnParts.In(folder), model = folder.File("model.cobra");

        (int trained, _, string error) = await CommandLine.Run(
            "train", data, "-o", model, "--method", "dn2", "--backbone", "random", "--image-size", "48", "--tile", "16", "--overlap", "0",
            "--roi", "0,2,16,12", "--fit", "crop", "--threads", "1");
        Assert.True(trained == 0, error);
        JsonNode card = await CommandLine.Json("info", model, "--threads", "1");
        JsonNode scores = await CommandLine.Json("score", model, Path.Combine(data, "test"), "--threads", "1");

        Assert.Equal(12, (int)card["data"]!["framing"]!["region"]!["height"]!);
        Assert.Null(card["tile"]!["data"]!["framing"]);
        Assert.Equal(8, scores["images"]!.AsArray().Count);
    }

    [Fact]
    public async Task A_region_that_is_in_no_image_stops_the_training_with_an_image_and_both_sizes()
    {
        using TemporaryFolder folder = new();
        string data = DrawnParts.In(folder);

        (int exitCode, _, string error) = await CommandLine.Run("train", data, "-o", folder.File("model.cobra"), "--preset", "tiny", "--image-size", "16", "--roi", "8,8,16,16", "--threads", "1");

        Assert.Equal(1, exitCode);
        Assert.Contains("000.png", error, StringComparison.Ordinal);
        Assert.Contains("16 × 16 pixels from 8, 8 on, is not inside of its 16 × 16 pixels", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mask_that_is_no_image_is_a_usage_error_with_its_name()
    {
        using TemporaryFolder folder = new();

        (int exitCode, _, string error) = await CommandLine.Run("train", folder.Path, "--roi", folder.File("mask.png", "white"));

        Assert.Equal(2, exitCode);
        Assert.Contains("mask.png", error, StringComparison.Ordinal);
        Assert.Contains("A mask is an image as large as the pictures", error, StringComparison.Ordinal);
    }

    private static void Draw(string path, int width, int height, SKColor color, SKRectI area)
    {
        using SKBitmap bitmap = new(width, height);
        bitmap.Erase(SKColors.Black);
        bitmap.Erase(color, area);
        using SKData png = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        File.WriteAllBytes(path, png.ToArray());
    }
}
