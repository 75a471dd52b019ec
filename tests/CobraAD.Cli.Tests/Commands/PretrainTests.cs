using System.Text.Json.Nodes;

namespace CobraAD.Cli.Tests.Commands;

public sealed class PretrainTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_backbone_is_trained_and_used_and_the_report_says_what_it_is()
    {
        string data = Cifar();
        string weights = folder.File("backbone.safetensors");
        string model = folder.File("model.cobra");

        (int exitCode, string output, string error) = await CommandLine.Run(
            "pretrain", data, "-o", weights, "--preset", "tiny", "--width", "0.125", "--epochs", "2", "--batch-size", "16", "--exclude-class", "2", "--json", "--threads", "1");
        Assert.True(exitCode == 0, error);
        JsonNode record = JsonNode.Parse(output)!["record"]!;
        Assert.Equal("supervised", (string?)record["objective"]);
        Assert.Equal(2, record["classes"]!.AsArray().Count);
        Assert.Equal("class 2", (string?)record["excludedClasses"]![0]);
        Assert.False(File.Exists(weights + ".checkpoint"));

        (exitCode, output, error) = await CommandLine.Run(
            "train", data, "--normal-class", "2", "-o", model, "--method", "dn2", "--preset", "tiny", "--backbone", weights, "--threads", "1");
        Assert.True(exitCode == 0, error);
        Assert.Contains("DN2 (in-house ResNet18 ×0.125 (supervised, cifar without class 2, 32 px): not comparable with published numbers)", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unfinished_pretraining_is_not_overwritten()
    {
        folder.File("backbone.safetensors.checkpoint", "PK, as every zip archive begins");

        (int exitCode, _, string error) = await CommandLine.Run("pretrain", Cifar(), "-o", folder.File("backbone.safetensors"));

        Assert.Equal(2, exitCode);
        Assert.Contains("--resume", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("simclr", 32, 0.2, "cifar")]
    [InlineData("adversarial", 224, 0.5, "imageNet")]
    public async Task Print_config_shows_the_objectives_preset(string objective, int size, double crop, string stem)
    {
        (int exitCode, string output, string error) = await CommandLine.Run("pretrain", "--print-config", "--preset", "fast", "--objective", objective, "--image-size", $"{size}");
        JsonNode options = JsonNode.Parse(output)!;
        string file = folder.File("c.json", $$"""{ "objective": "{{objective}}", "epochs": 3 }""");
        (_, string fromFile, _) = await CommandLine.Run("pretrain", "--print-config", "--preset", "fast", "--config", file, "--image-size", $"{size}");

        Assert.True(exitCode == 0, error);
        Assert.Equal(objective, (string?)options["objective"]);
        Assert.Equal(crop, (double)options["augmentation"]!["minCropArea"]!);
        Assert.Equal(stem, (string?)options["network"]!["stem"]);
        Assert.Equal(output.Replace("\"epochs\": 20", "\"epochs\": 3", StringComparison.Ordinal), fromFile);
    }

    [Theory]
    [InlineData("", 2, "needs DATA")]
    [InlineData("DATA --epsilon 0.01", 2, "--epsilon and --attack-steps are for --objective adversarial")]
    [InlineData("DATA --width 9", 2, "--width must be a number between")]
    [InlineData("DATA --exclude-class 12", 1, "no class '12'")]
    [InlineData("DATA --exclude-class 1 --exclude-class 2", 1, "at least 2 are needed")]
    public async Task Wrong_use_is_explained(string arguments, int expected, string message)
    {
        string data = Cifar();

        (int exitCode, _, string error) = await CommandLine.Run(
            ["pretrain", "-o", folder.File("backbone.safetensors"), .. arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(argument => argument == "DATA" ? data : argument)]);

        Assert.Equal(expected, exitCode);
        Assert.Contains(message, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Weights_that_do_not_say_what_they_are_need_a_configuration()
    {
        (int exitCode, _, string error) = await CommandLine.Run("train", "--print-config", "--method", "dn2", "--backbone", folder.File("none.safetensors"));
        Assert.Equal(2, exitCode);
        Assert.Contains("there is no file", error, StringComparison.Ordinal);

        (exitCode, _, error) = await CommandLine.Run("train", "--print-config", "--method", "dn2", "--backbone", folder.File("text.safetensors", "no weights at all"));
        Assert.Equal(1, exitCode);
        Assert.Contains("not a valid safetensors file", error, StringComparison.Ordinal);
    }

    /// <summary>Three classes of flat grey images, 32 of each, in CIFAR-10's files.</summary>
    private string Cifar()
    {
        string path = Directory.CreateDirectory(Path.Combine(folder.Path, "cifar")).FullName;
        File.WriteAllBytes(Path.Combine(path, "data_batch_1.bin"), [.. Records(32)]);
        File.WriteAllBytes(Path.Combine(path, "test_batch.bin"), [.. Records(4)]);
        return path;

        // CIFAR-10 names ten classes; those without images do not count.
        static IEnumerable<byte> Records(int each) => Enumerable.Range(0, 3 * each).SelectMany(i => Enumerable.Repeat((byte)(40 + 70 * (i % 3) + i / 3), 3072).Prepend((byte)(i % 3)));
    }
}
