using System.Text.Json.Nodes;

namespace CobraAD.Cli.Tests.Commands;

/// <summary>What a user does from a folder of images to a robustness report, with a network that learns nothing in the time it has.</summary>
public sealed class JourneyTests
{
    [Fact]
    public async Task Train_info_score_evaluate_export_and_craft_work_together()
    {
        using TemporaryFolder folder = new();
        string data = DrawnParts.In(folder), model = folder.File("parts.cobra"), config = DrawnParts.Configuration(folder);

        JsonNode trained = await CommandLine.Json("train", data, "-o", model, "--preset", "tiny", "--image-size", "16", "--config", config, "--threads", "1");
        JsonNode card = await CommandLine.Json("info", model);
        JsonNode scored = await CommandLine.Json("score", model, Path.Combine(data, "test"), "--threads", "1");
        JsonNode evaluated = await CommandLine.Json("evaluate", model, data, "--steps", "2", "--threads", "1", "--report", folder.File("report"));
        JsonNode exported = await CommandLine.Json("export", model, "-o", folder.File("parts.onnx"), "--int8", "--measure", data, "--robust-margin", "--samples", "1", "--threads", "1");
        JsonNode crafted = await CommandLine.Json("craft", data, "-o", folder.File("gallery.png"), "--image-size", "16", "--config", config, "--count", "3", "--threads", "1");

        Assert.True(File.Exists(model));
        Assert.False(File.Exists(model + ".checkpoint"));
        Assert.Equal(24, (int)trained["data"]!["images"]!);
        Assert.Equal("tiny", (string?)card["options"]!["preset"]);
        Assert.Equal(8, scored["images"]!.AsArray().Count);
        Assert.All(scored["images"]!.AsArray(), image => Assert.InRange((double)image!["score"]!, 0, 1));
        Assert.True((double)evaluated["union"]!["metrics"]!["auroc"]! <= (double)evaluated["clean"]!["metrics"]!["auroc"]!);
        Assert.Equal(["pgd", "apgd"], evaluated["attacks"]!.AsArray().Select(attack => ((string)attack!["recipe"]!).Split(':')[0]));
        Assert.Contains("surrogates=true", (string?)evaluated["attacks"]![1]!["recipe"], StringComparison.Ordinal);
        Assert.True(File.Exists(folder.File("report/report.html")));
        Assert.Equal("quantized", (string?)exported["precision"]);
        Assert.Equal(8, (int)exported["fidelity"]!["images"]!);
        Assert.True((double)exported["robustness"]!["normalShift"]! >= 0);
        Assert.Equal(3, (int)crafted["statistics"]!["images"]!);
        Assert.True(File.Exists(folder.File("gallery.png")));
    }

    [Theory]
    [InlineData(24)]
    [InlineData(64)]
    public async Task Nothing_of_a_training_depends_on_the_test_images(int good)
    {
        using TemporaryFolder first = new(), second = new();
        // Of 24 none are kept from the training, of 64 twenty are.
        string[] data = [DrawnParts.In(first, good), DrawnParts.In(second, good)];
        // The same good images to train on, and test images that are none of theirs: good ones rusty, rusty ones missing but for two.
        foreach (string image in Directory.GetFiles(Path.Combine(data[1], "test", "rust"))) File.Copy(image, Path.Combine(data[1], "test", "good", Path.GetFileName(image)), overwrite: true);
        foreach (string image in Directory.GetFiles(Path.Combine(data[1], "test", "rust")).Skip(2)) File.Delete(image);

        JsonNode[] cards = new JsonNode[2], scored = new JsonNode[2];
        for (int i = 0; i < 2; i++)
        {
            string model = Path.Combine(data[i], "m.cobra");
            await CommandLine.Json(
                "train", data[i], "-o", model, "--preset", "tiny", "--score", "auto", "--image-size", "16", "--config", DrawnParts.Configuration(first), "--threads", "1");
            cards[i] = await CommandLine.Json("info", model);
            scored[i] = await CommandLine.Json("score", model, Path.Combine(data[0], "test"), "--threads", "1");
            cards[i]["health"]!["trainingSeconds"] = 0;
            cards[i]["health"]!["pseudoAnomalies"]!["preparationSeconds"] = 0;
            foreach (JsonNode? epoch in cards[i]["health"]!["epochs"]!.AsArray()) epoch!["imagesPerSecond"] = 0;
        }

        Assert.Equal(good > 24, (bool)cards[0]["calibration"]!["heldOut"]!);
        Assert.NotEmpty(cards[0]["health"]!["score"]!["candidates"]!.AsArray());
        Assert.Equal(scored[0]["images"]!.ToJsonString(), scored[1]["images"]!.ToJsonString());
        Assert.Equal(cards[0]["health"]!.ToJsonString(), cards[1]["health"]!.ToJsonString());
        Assert.Equal(cards[0]["calibration"]!.ToJsonString(), cards[1]["calibration"]!.ToJsonString());
    }

    [Fact]
    public async Task A_training_is_planned_by_its_time_and_its_score_by_name()
    {
        using TemporaryFolder folder = new();
        string data = DrawnParts.In(folder), config = DrawnParts.Configuration(folder);
        string[] train = ["train", data, "-o", folder.File("m.cobra"), "--preset", "tiny", "--image-size", "16", "--config", config, "--threads", "1"];

        JsonNode planned = await CommandLine.Json([.. train, "--time", "30m", "--score", "center", "--print-config"]);
        (int tooShort, _, string error) = await CommandLine.Run([.. train, "--time", "0.01s"]);
        (int other, _, string refusal) = await CommandLine.Run("train", data, "-o", folder.File("m.cobra"), "--method", "deepsvdd", "--image-size", "16", "--time", "5m");

        Assert.Equal("center", (string?)planned["score"]);
        Assert.Equal(16, (int)planned["epochs"]!);
        Assert.True((int)planned["itemsPerEpoch"]! > 6 * 8);
        Assert.Equal(2, tooShort);
        Assert.Contains("--time", error, StringComparison.Ordinal);
        Assert.Equal(2, other);
        Assert.Contains("other methods have --epochs", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_generator_s_images_are_drawn_and_outliers_that_are_no_images_are_refused()
    {
        using TemporaryFolder folder = new();
        string data = DrawnParts.In(folder), gallery = folder.File("gallery.png"), config = folder.File("gan.json", """{ "pseudoAnomalies": { "gan": { "width": 4, "trainingSteps": 2, "images": 5 } } }""");

        JsonNode crafted = await CommandLine.Json("craft", data, "-o", gallery, "--image-size", "16", "--anomaly-source", "goe-small", "--config", config, "--count", "3", "--threads", "1");
        (int exitCode, _, string error) = await CommandLine.Run("craft", data, "-o", folder.File("none.png"), "--image-size", "16", "--anomaly-source", "vos", "--threads", "1");

        Assert.StartsWith("GOE-small: 5 images by a DCGAN", (string?)crafted["source"], StringComparison.Ordinal);
        Assert.True(File.Exists(gallery));
        Assert.Equal(2, exitCode);
        Assert.Contains("not images", error, StringComparison.Ordinal);
        Assert.False(File.Exists(folder.File("none.png")));
    }

    [Fact]
    public async Task Another_method_trains_scores_and_is_evaluated_alike()
    {
        using TemporaryFolder folder = new();
        string data = DrawnParts.In(folder), model = folder.File("parts.cobra");

        JsonNode trained = await CommandLine.Json("train", data, "-o", model, "--method", "deepsvdd", "--preset", "tiny", "--image-size", "16", "--epochs", "2", "--threads", "1");
        JsonNode card = await CommandLine.Json("info", model);
        JsonNode scored = await CommandLine.Json("score", model, Path.Combine(data, "test"), "--threads", "1");
        JsonNode evaluated = await CommandLine.Json("evaluate", model, data, "--steps", "2", "--threads", "1");

        Assert.Equal("deepsvdd", (string?)trained["method"]);
        Assert.Equal(2, (int)card["options"]!["epochs"]!);
        Assert.Equal(8, scored["images"]!.AsArray().Count);
        Assert.Equal("DeepSVDD", (string?)evaluated["detector"]);
    }

    [Fact]
    public async Task The_methods_are_listed_with_what_they_need()
    {
        (int exitCode, string output, _) = await CommandLine.Run("methods");

        Assert.Equal(0, exitCode);
        Assert.Contains("deepsvdd", output, StringComparison.Ordinal);
        Assert.Contains("fast (default)", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_model_is_named()
    {
        (int exitCode, string output, string error) = await CommandLine.Run("score", "nowhere.cobra", "image.png", "--threads", "1");

        Assert.Equal(2, exitCode);
        Assert.Empty(output);
        Assert.StartsWith("error: ", error, StringComparison.Ordinal);
        Assert.Contains("nowhere.cobra", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--fp16", "--int8")]
    [InlineData("--robust-margin")]
    [InlineData("--skip-unreadable")]
    [InlineData("--measure", "data", "--floats")]
    public async Task Export_options_that_contradict_each_other_are_a_usage_error(params string[] options)
    {
        (int exitCode, _, _) = await CommandLine.Run(["export", "nowhere.cobra", .. options]);

        Assert.Equal(2, exitCode);
    }

    [Fact]
    public async Task An_export_measures_beside_an_unreadable_image_where_that_is_asked_for()
    {
        using TemporaryFolder folder = new();
        string data = DrawnParts.In(folder), model = folder.File("model.cobra");
        (int trained, _, string error) = await CommandLine.Run("train", data, "-o", model, "--method", "dn2", "--backbone", "random", "--image-size", "16", "--threads", "1");
        Assert.True(trained == 0, error);
        string broken = Directory.EnumerateFiles(Path.Combine(data, "test"), "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).First();
        File.WriteAllText(broken, "no image");
        string[] export = ["export", model, "-o", folder.File("model.onnx"), "--measure", data, "--threads", "1"];

        (int stopped, _, string reason) = await CommandLine.Run(export);
        (int exitCode, string output, string warning) = await CommandLine.Run([.. export, "--skip-unreadable"]);

        Assert.Equal(1, stopped);
        Assert.Contains("--skip-unreadable", reason, StringComparison.Ordinal);
        Assert.Equal(0, exitCode);
        Assert.Contains("on 7 images", output, StringComparison.Ordinal);
        Assert.Contains($"left out {broken}", warning, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unfinished_training_is_not_overwritten()
    {
        using TemporaryFolder folder = new();
        folder.File("m.cobra.checkpoint", "PK: hours of work");

        (int exitCode, _, string error) = await CommandLine.Run("train", folder.Path, "-o", folder.File("m.cobra"));

        Assert.Equal(2, exitCode);
        Assert.Contains("Add --resume to go on", error, StringComparison.Ordinal);
    }
}
