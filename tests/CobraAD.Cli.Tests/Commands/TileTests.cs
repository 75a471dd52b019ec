using System.Text.Json.Nodes;
using CobraAD.Datasets;
using CobraAD.Methods.Cobra;
using CobraAD.Serialization;
using CobraAD.Training;

namespace CobraAD.Cli.Tests.Commands;

/// <summary>Large images are gone through in tiles from the command line.</summary>
public sealed class TileTests
{
    [Fact]
    public async Task A_model_in_tiles_is_trained_described_and_scores()
    {
        using TemporaryFolder folder = new();
        string data = DrawnParts.In(folder), model = folder.File("model.cobra");

        (int trained, string report, string error) = await CommandLine.Run(
            "train", data, "-o", model, "--preset", "tiny", "--config", DrawnParts.Configuration(folder), "--image-size", "48", "--tile", "16", "--overlap", "0", "--threads", "1");
        Assert.True(trained == 0, error);
        (_, string description, _) = await CommandLine.Run("info", model, "--threads", "1");
        JsonNode card = await CommandLine.Json("info", model, "--threads", "1");
        JsonNode scores = await CommandLine.Json("score", model, Path.Combine(data, "test"), "--heatmaps", folder.File("maps"), "--threads", "1");

        Assert.Contains("in tiles of 16 px", report, StringComparison.Ordinal);
        foreach (string line in (string[])["images          48 × 48 pixels", "tiles           16 px with 0 overlap: ", "tile content    1 of 9 places are left out: no good image has content there", "tile maximum    smooth, with temperature"])
            Assert.Contains(line, description, StringComparison.Ordinal);
        // Every disc fills the tile in the middle, which is of one colour.
        Assert.Equal((8, 1), ((int)card["health"]!["places"]!, (int)card["health"]!["leftOut"]!));
        Assert.Equal(16, (int)card["tile"]!["data"]!["height"]!);
        Assert.Equal(8, scores["images"]!.AsArray().Count);
        // Good and rusty parts have the same names.
        Assert.Equal(8, Directory.GetFiles(folder.File("maps"), "*.png").Length);
        Assert.All(scores["images"]!.AsArray(), image => Assert.True(File.Exists((string?)image!["heatMap"])));
    }

    [Fact]
    public async Task A_configuration_file_may_ask_for_tiles_and_the_command_line_corrects_it()
    {
        using TemporaryFolder folder = new();
        string file = folder.File("tiles.json", """{ "tiles": { "size": 64, "overlap": 0.5 } }""");

        JsonNode printed = JsonNode.Parse((await CommandLine.Run("train", "--print-config", "--config", file, "--tile-places", "alike")).Output)!;

        Assert.Equal((64, 0.5, false), ((int)printed["tiles"]!["size"]!, (double)printed["tiles"]!["overlap"]!, (bool)printed["tiles"]!["positionAware"]!));
    }

    [Theory]
    [InlineData("parts", 32, "--image-size", "48")]
    [InlineData("parts", 32, "--image-size", "48", "--tile-places", "alike")]
    [InlineData("fast", null, "--image-size", "32")]
    [InlineData("fast", 16, "--image-size", "48", "--tile", "16")]
    [InlineData("tiny", null, "--image-size", "48", "--preset", "tiny")]
    [InlineData("default", null, "--image-size", "48", "--method", "deepsvdd")]
    public async Task Good_parts_are_gone_through_in_tiles_unless_the_command_line_decides(string preset, int? side, params string[] arguments)
    {
        using TemporaryFolder folder = new();

        JsonNode printed = JsonNode.Parse((await CommandLine.Run(["train", DrawnParts.In(folder), "--print-config", .. arguments])).Output)!;

        Assert.Equal((preset, side), ((string?)printed["preset"], (int?)printed["tiles"]?["size"]));
    }

    [Fact]
    public async Task What_was_decided_from_the_data_is_said()
    {
        using TemporaryFolder folder = new();
        string data = DrawnParts.In(folder), model = folder.File("model.cobra");

        (int exitCode, string report, string error) = await CommandLine.Run(
            "train", data, "-o", model, "--config", DrawnParts.Configuration(folder), "--image-size", "48", "--threads", "1");

        Assert.True(exitCode == 0, error);
        Assert.Contains("in tiles of 32 px", report, StringComparison.Ordinal);
        Assert.Contains("These are good parts, so they are gone through in tiles of 32 px: --preset parts. For whole images, --preset fast.", error, StringComparison.Ordinal);
    }

    /// <summary>The checkpoint is that of one tile's training and knows of no tiles.</summary>
    [Fact]
    public async Task An_interrupted_training_in_tiles_goes_on_in_tiles()
    {
        using TemporaryFolder folder = new();
        string data = DrawnParts.In(folder), model = folder.File("model.cobra");
        string[] command = ["train", data, "--config", DrawnParts.Configuration(folder), "--image-size", "48", "--epochs", "3"];
        CobraOptions options = CobraJson.FromNode<CobraOptions>(JsonNode.Parse((await CommandLine.Run([.. command, "--print-config"])).Output)!, "options");
        using (AnomalyBenchmark benchmark = Detector.Open(data, new DatasetOptions { ImageSize = 48 }))
        using (CancellationTokenSource interruption = new())
        {
            TrainingSession session = new() { CheckpointPath = model + ".checkpoint", Cancellation = interruption.Token, Progress = new AfterAnEpoch(interruption) };
            Assert.ThrowsAny<OperationCanceledException>(() => Detector.Train(benchmark, options, session).Dispose());
        }

        (int exitCode, string report, string error) = await CommandLine.Run([.. command, "-o", model, "--threads", "1", "--resume"]);

        Assert.True(exitCode == 0, error);
        Assert.Contains("in tiles of 32 px", report, StringComparison.Ordinal);
        Assert.DoesNotContain("epoch 1/3", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Craft_shows_the_tiles_that_are_trained_on()
    {
        using TemporaryFolder folder = new();
        string data = DrawnParts.In(folder);

        (int exitCode, string output, string error) = await CommandLine.Run(
            "craft", data, "-o", folder.File("gallery.png"), "--config", DrawnParts.Configuration(folder), "--image-size", "48", "--count", "2", "--threads", "1");
        (int refused, _, string reason) = await CommandLine.Run("craft", data, "-o", folder.File("none.png"), "--image-size", "32", "--tile", "64");

        Assert.True(exitCode == 0, error);
        Assert.Contains("2 normal tiles of 32 px and their pseudo-anomalies", output, StringComparison.Ordinal);
        Assert.Equal(2, refused);
        Assert.Contains("--tile: A tile of 64 px is larger than the images", reason, StringComparison.Ordinal);
    }

    private sealed class AfterAnEpoch(CancellationTokenSource interruption) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (value.Finished is not null) interruption.Cancel();
        }
    }
}
