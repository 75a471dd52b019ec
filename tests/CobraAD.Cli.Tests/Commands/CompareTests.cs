using System.Text.Json.Nodes;

namespace CobraAD.Cli.Tests.Commands;

public sealed class CompareTests
{
    private static readonly string[] Quick = ["--samples", "2", "--attack", "fgsm"];

    [Fact]
    public async Task Methods_are_trained_and_attacked_alike_and_reported_together()
    {
        using TemporaryFolder folder = new();
        string report = folder.File("report");

        JsonNode rows = await CommandLine.Json(["compare", DrawnParts.In(folder), "--methods", "dn2:tiny", "patchcore:tiny", .. Quick, "--report", report, "-o", folder.File("models")]);

        Assert.Equal(["dn2:tiny", "patchcore:tiny"], rows.AsArray().Select(row => (string?)row!["method"]));
        Assert.All(rows.AsArray(), row => Assert.InRange((double)row!["attackedAuroc"]!, 0, (double)row["cleanAuroc"]!));
        Assert.True(File.Exists(folder.File("models/patchcore-tiny.cobra")));
        JsonNode written = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(report, "report.json")))!;
        Assert.Equal(2, written["detectors"]!.AsArray().Count);
    }

    [Fact]
    public async Task A_method_that_does_not_get_done_in_its_time_is_listed_without_numbers()
    {
        using TemporaryFolder folder = new();

        JsonNode rows = await CommandLine.Json(["compare", DrawnParts.In(folder), "--methods", "cobra:tiny", .. Quick, "--time", "1s"]);

        Assert.Null(rows[0]!["cleanAuroc"]);
        // COBRA is planned for its time before it is trained.
        Assert.Contains("A training of 100 updates", (string?)rows[0]!["remark"], StringComparison.Ordinal);
        Assert.Contains("--time", (string?)rows[0]!["remark"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Models_that_are_there_are_not_replaced_unasked()
    {
        using TemporaryFolder folder = new();
        Directory.CreateDirectory(folder.File("models"));
        await File.WriteAllTextAsync(folder.File("models/dn2-tiny.cobra"), "an earlier one");

        (int exitCode, _, string error) = await CommandLine.Run(["compare", DrawnParts.In(folder), "--methods", "dn2:tiny", .. Quick, "-o", folder.File("models")]);

        Assert.Equal(2, exitCode);
        Assert.Contains("dn2-tiny.cobra exists", error, StringComparison.Ordinal);
        Assert.Equal("an earlier one", await File.ReadAllTextAsync(folder.File("models/dn2-tiny.cobra")));
    }

    [Fact]
    public async Task A_report_that_cannot_be_written_is_said_before_anything_is_trained()
    {
        using TemporaryFolder folder = new();
        await File.WriteAllTextAsync(folder.File("report"), "a file");

        (int exitCode, _, string error) = await CommandLine.Run(["compare", DrawnParts.In(folder), "--methods", "dn2:tiny", .. Quick, "--report", folder.File("report")]);

        Assert.Equal(2, exitCode);
        Assert.Contains("is a file, not a folder", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("There is no detection method 'patchcor'", "--methods", "patchcor")]
    [InlineData("dn2 has the presets default, tiny", "--methods", "dn2:paper")]
    [InlineData("--time must be an amount of time", "--time", "soon")]
    [InlineData("one radius", "--epsilon", "1,2/255")]
    public async Task What_cannot_be_is_a_usage_error(string complaint, string option, string value)
    {
        (int exitCode, _, string error) = await CommandLine.Run("compare", "parts", option, value);

        Assert.Equal(2, exitCode);
        Assert.Contains(complaint, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_packaged_weights_are_there_without_being_asked_for()
    {
        using TemporaryFolder folder = new();
        string model = folder.File("model.cobra");

        (int exitCode, string output, string error) = await CommandLine.Run("train", DrawnParts.In(folder), "--method", "dn2", "-o", model);

        Assert.True(exitCode == 0, error);
        Assert.Contains("ImageNet ResNet-18 (ML.NET)", output, StringComparison.Ordinal);
        Assert.InRange(new FileInfo(model).Length, 1, 1 << 20);
    }
}
