using System.Text.Json.Nodes;

namespace CobraAD.Cli.Tests.Commands;

/// <summary>Detectors that no number can be got from, and what a user is told of them.</summary>
public sealed class BadDetectorTests
{
    [Theory]
    [InlineData("evaluate")]
    [InlineData("audit")]
    public async Task A_score_that_is_nan_ends_with_1_and_names_the_images(string command)
    {
        using TemporaryFolder folder = new();
        string model = ForeignModels.TorchScriptWith(folder, "torch.sqrt(torch.mul(torch.abs(_0), -1))");

        (int exitCode, string output, string error) = await CommandLine.Run(command, "--torchscript", model, DrawnParts.In(folder), "--input-size", "8", "--threads", "1");

        Assert.Equal(1, exitCode);
        Assert.Empty(output);
        Assert.Contains("error: Detector 'changed.pt' returned NaN or an infinite score for image(s) 0, 1, 2", error, StringComparison.Ordinal);
        Assert.Contains("before any attack", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_score_that_couples_the_images_of_a_batch_is_flagged_by_the_audit_and_by_the_evaluation()
    {
        using TemporaryFolder folder = new();
        string model = ForeignModels.TorchScriptWith(folder, "torch.add(torch.sin(torch.mul(_0, 20)), torch.mul(torch.mean(_0), 5))"), data = DrawnParts.In(folder);

        (int audited, string checks, _) = await CommandLine.Run("audit", "--torchscript", model, data, "--input-size", "8", "--budget", "smoke", "--json", "--quiet", "--threads", "1");
        (int evaluated, string warning, _) = await CommandLine.Run(
            "evaluate", "--torchscript", model, data, "--input-size", "8", "--steps", "10", "--restarts", "2", "--quiet", "--report", folder.File("report"), "--threads", "1");

        Assert.Equal((0, 0), (audited, evaluated));
        Assert.Equal("flag", (string?)JsonNode.Parse(checks)!["checks"]![13]!["status"]);
        Assert.Contains("depends on the other images of a batch", warning, StringComparison.Ordinal);
        Assert.Contains(WrittenReport.Read(folder.File("report"))["invariants"]!.AsArray(), invariant => !(bool)invariant!["holds"]!);
    }

    [Theory]
    [InlineData("takes 8 × 8 pixels, declared were 9 × 9", "--input-size", "9")]
    [InlineData("refuses a batch of shape [8, 3, 32, 32]")]
    [InlineData("does not have 3 channels in layout nhwc", "--input-layout", "nhwc")]
    [InlineData("has no output 'heat'. Its outputs: score", "--input-size", "8", "--score-output", "heat")]
    public async Task An_onnx_model_with_another_input_ends_with_1_and_says_what_it_takes(string message, params string[] declared)
    {
        using TemporaryFolder folder = new();

        (int exitCode, _, string error) = await CommandLine.Run(["evaluate", "--onnx", ForeignModels.Onnx, DrawnParts.In(folder), "--attack", "square:queries=5", "--threads", "1", .. declared]);

        Assert.Equal(1, exitCode);
        Assert.Contains(message, error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_gradient_attack_on_an_onnx_model_is_a_usage_error_that_names_the_remedy()
    {
        (int exitCode, _, string error) = await CommandLine.Run("evaluate", "--onnx", ForeignModels.Onnx, "parts", "--attack", "pgd", "--threads", "1");

        Assert.Equal(2, exitCode);
        Assert.Contains("--attack \"square simba\", or --transfer-from MODEL", error, StringComparison.Ordinal);
    }
}
