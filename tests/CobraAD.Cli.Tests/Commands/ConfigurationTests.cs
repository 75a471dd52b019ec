using System.Text.Json.Nodes;

namespace CobraAD.Cli.Tests.Commands;

public sealed class ConfigurationTests
{
    [Theory]
    [InlineData("paper", 32, "cifar", 4.0 / 255)]
    [InlineData("fast", 224, "imageNet", 2.0 / 255)]
    [InlineData("tiny", 32, "strided", 4.0 / 255)]
    public async Task Print_config_shows_the_preset_for_the_image_size(string preset, int size, string stem, double epsilon)
    {
        (int exitCode, string output, string error) = await CommandLine.Run("train", "--print-config", "--preset", preset, "--image-size", $"{size}");

        JsonNode options = JsonNode.Parse(output)!;
        Assert.True(exitCode == 0, error);
        Assert.Equal(stem, (string?)options["network"]!["encoder"]!["stem"]);
        Assert.Equal(epsilon, (double)options["attack"]!["epsilon"]!, 12);
    }

    [Theory]
    [InlineData("cobra", "tiny")]
    [InlineData("cobra", "released")]
    [InlineData("principals", "tiny")]
    public async Task The_training_s_radius_is_set_by_one_option(string method, string preset)
    {
        (int exitCode, string output, string error) = await CommandLine.Run("train", "--print-config", "--method", method, "--preset", preset, "--epsilon", "2/255", "--image-size", "64");

        Assert.True(exitCode == 0, error);
        Assert.Equal(2 / 255.0, (double)JsonNode.Parse(output)!["attack"]!["epsilon"]!, 12);
    }

    [Theory]
    [InlineData(32, "rotation", 4, 0.08)]
    [InlineData(224, "scar", 2, 1)]
    public async Task The_released_preset_is_the_method_of_the_authors_code(int size, string shift, int shifts, double smallestCrop)
    {
        (int exitCode, string output, string error) = await CommandLine.Run("train", "--print-config", "--preset", "released", "--image-size", $"{size}");

        JsonNode options = JsonNode.Parse(output)!;
        Assert.True(exitCode == 0, error);
        Assert.Equal(shift, (string?)options["shift"]);
        Assert.Equal(shifts, (int)options["network"]!["classes"]!);
        Assert.Equal(smallestCrop, (double)options["augmentation"]!["minCropArea"]!);
        Assert.Equal(0.0314, (double)options["attack"]!["epsilon"]!);
    }

    [Theory]
    [InlineData("dn2", "default", "imagenet", "imageNet", "resNet20")]
    [InlineData("patchcore", "tiny", "imagenet", "imageNet", "resNet20")]
    [InlineData("patchcore", "default", "random", null, "resNet20")]
    [InlineData("dn2", "tiny", "random", null, "resNet18")]
    public async Task A_backbone_is_packaged_or_random_by_name(string method, string preset, string backbone, string? package, string variant)
    {
        (int exitCode, string output, string error) = await CommandLine.Run("train", "--print-config", "--method", method, "--preset", preset, "--backbone", backbone);

        JsonNode options = JsonNode.Parse(output)!["backbone"]!;
        Assert.True(exitCode == 0, error);
        Assert.Equal(package, (string?)options["package"]);
        Assert.Equal(variant, (string?)options["network"]!["variant"]);
    }

    [Fact]
    public async Task A_weight_file_beside_packaged_weights_is_refused_with_what_to_set()
    {
        using TemporaryFolder folder = new();
        string file = folder.File("c.json", """{ "backbone": { "file": "resnet18.pth" } }""");

        (int exitCode, _, string error) = await CommandLine.Run("train", "--print-config", "--method", "dn2", "--config", file);

        Assert.Equal(2, exitCode);
        Assert.Contains("backbone.package to null", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_start_from_packaged_weights_sets_the_network_and_is_cobras_alone()
    {
        (int exitCode, string output, string error) = await CommandLine.Run("train", "--print-config", "--init", "imagenet");
        (int refused, _, string complaint) = await CommandLine.Run("train", "--print-config", "--method", "dn2", "--init", "imagenet");

        Assert.True(exitCode == 0, error);
        Assert.Equal("imageNet", (string?)JsonNode.Parse(output)!["init"]);
        Assert.Equal("resNet20", (string?)JsonNode.Parse(output)!["network"]!["encoder"]!["variant"]);
        Assert.Equal(2, refused);
        Assert.Contains("--backbone", complaint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_print_config_shows_is_a_configuration_file()
    {
        using TemporaryFolder folder = new();
        (_, string shown, _) = await CommandLine.Run("train", "--print-config", "--preset", "tiny", "--seed", "7");

        (int exitCode, string again, string error) = await CommandLine.Run("train", "--print-config", "--config", folder.File("c.json", shown));

        Assert.True(exitCode == 0, error);
        Assert.Equal(shown, again);
    }

    [Fact]
    public async Task A_memory_limit_bounds_the_whole_training_of_cobra_and_the_images_of_other_methods()
    {
        (_, string cobra, _) = await CommandLine.Run("train", "--print-config", "--memory-limit", "8GB");
        (int exitCode, string dn2, string error) = await CommandLine.Run("train", "--print-config", "--method", "dn2", "--memory-limit", "8GB");
        (int tooLittle, _, string complaint) = await CommandLine.Run("train", "--print-config", "--memory-limit", "1MB");

        Assert.Equal(8_000_000_000, (long)JsonNode.Parse(cobra)!["memoryLimit"]!);
        Assert.True(exitCode == 0, error);
        Assert.False(JsonNode.Parse(dn2)!.AsObject().ContainsKey("memoryLimit"));
        Assert.Equal(2, tooLittle);
        Assert.Contains("16 MiB", complaint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_command_line_beats_the_file_and_the_file_beats_the_preset()
    {
        using TemporaryFolder folder = new();
        string file = folder.File("c.json", """{ "epochs": 5, "batchSize": 24 }""");

        (_, string output, _) = await CommandLine.Run("train", "--print-config", "--config", file, "--epochs", "3", "--false-alarm-rate", "0.01");

        JsonNode options = JsonNode.Parse(output)!;
        Assert.Equal(3, (int)options["epochs"]!);
        Assert.Equal(24, (int)options["batchSize"]!);
        Assert.Equal(0.01, (double)options["calibration"]!["falseAlarmRate"]!);
    }

    [Fact]
    public async Task Options_that_are_printed_only_where_they_are_set_can_be_set_at_every_depth()
    {
        using TemporaryFolder folder = new();
        string file = folder.File("c.json", """{ "weightPerturbation": 0.01, "network": { "members": 3 }, "attack": { "scoreShare": 0.5 } }""");

        (int exitCode, string output, string error) = await CommandLine.Run("train", "--print-config", "--config", file);
        (int unset, string usual, _) = await CommandLine.Run("train", "--print-config", "--config", folder.File("d.json", """{ "network": { "members": null } }"""));

        Assert.True(exitCode == 0, error);
        JsonNode options = JsonNode.Parse(output)!;
        Assert.Equal(0.01, (double)options["weightPerturbation"]!);
        Assert.Equal(3, (int)options["network"]!["members"]!);
        Assert.Equal(0.5, (double)options["attack"]!["scoreShare"]!);
        Assert.Equal(0, unset);
        Assert.DoesNotContain("members", usual, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "epohcs": 5 }""", "there is no option \"epohcs\"; the nearest is \"epochs\"")]
    [InlineData("""{ "attack": { "stepz": 5 } }""", "there is no option \"attack.stepz\"; the nearest is \"attack.steps\"")]
    [InlineData("""{ "epochs": 0 }""", ": epochs must be at least 1")]
    public async Task A_wrong_configuration_is_a_usage_error(string content, string message)
    {
        using TemporaryFolder folder = new();

        (int exitCode, _, string error) = await CommandLine.Run("train", "--print-config", "--config", folder.File("c.json", content));

        Assert.Equal(2, exitCode);
        Assert.Contains(message, error, StringComparison.Ordinal);
    }
}
