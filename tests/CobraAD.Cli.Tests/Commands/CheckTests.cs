using System.Text.Json.Nodes;

namespace CobraAD.Cli.Tests.Commands;

public sealed class CheckTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    /// <summary>The drawn parts are four different discs, each several times.</summary>
    [Fact]
    public async Task Findings_are_printed_and_written_and_end_well()
    {
        string data = DrawnParts.In(folder), report = Path.Combine(folder.Path, "report");

        (int exitCode, string output, string error) = await CommandLine.Run("check", data, "--report", report);

        Assert.True(exitCode == 0, error);
        Assert.Contains("24 training images, 8 test images, compared by", output, StringComparison.Ordinal);
        Assert.Contains("images have the same pixels as others before them", output, StringComparison.Ordinal);
        Assert.Contains("of the 4 good test images are among the training images", output, StringComparison.Ordinal);
        Assert.Contains("and 15 more", output, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(report, "check.html")));
        Assert.True(File.Exists(Path.Combine(report, "check.json")));
    }

    [Fact]
    public async Task A_strict_check_fails_when_something_is_found()
    {
        (int exitCode, _, string error) = await CommandLine.Run("check", DrawnParts.In(folder), "--strict");

        Assert.Equal(1, exitCode);
        Assert.Contains("findings about parts (--strict)", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_has_every_image()
    {
        JsonNode result = await CommandLine.Json("check", DrawnParts.In(folder));

        Assert.Equal(32, result["images"]!.AsArray().Count);
        Assert.Equal("leak", (string?)result["findings"]![0]!["kind"]);
    }

    [Theory]
    [InlineData("'check' needs DATA", "check")]
    [InlineData("--false-alarms must be a number", "check", "parts", "--false-alarms", "0.7")]
    [InlineData("does not exist", "check", "nowhere")]
    public async Task What_is_wrong_is_said(string message, params string[] arguments)
    {
        (int exitCode, _, string error) = await CommandLine.Run(arguments);

        Assert.NotEqual(0, exitCode);
        Assert.Contains(message, error, StringComparison.Ordinal);
    }
}
