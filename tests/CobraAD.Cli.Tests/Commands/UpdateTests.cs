using System.Text.Json.Nodes;

namespace CobraAD.Cli.Tests.Commands;

public sealed class UpdateTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task New_parts_go_into_a_new_file_whose_history_info_shows()
    {
        string data = DrawnParts.In(folder), model = folder.File("model.cobra"), updated = folder.File("model.updated.cobra");
        await Succeed("train", data, "--method", "dn2", "--preset", "tiny", "-o", model);
        byte[] before = File.ReadAllBytes(model);

        await Succeed("update", model, Path.Combine(data, "test", "rust"), "--refuse-below", "0");
        JsonNode info = await CommandLine.Json("info", updated);
        (_, string shown, _) = await CommandLine.Run("info", updated);

        Assert.Equal(before, File.ReadAllBytes(model));
        Assert.Equal(4, (int)info["history"]![0]!["added"]!);
        Assert.Null(info["history"]![0]!["marks"]);
        Assert.Contains("4 added to the bank, 0 for the threshold, 0 refused", shown, StringComparison.Ordinal);
        Assert.Contains("24 images", shown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refused_parts_are_listed_and_nothing_is_written_when_none_is_left()
    {
        string data = DrawnParts.In(folder), model = folder.File("model.cobra"), rust = Path.Combine(data, "test", "rust");
        await Succeed("train", data, "--method", "dn2", "--preset", "tiny", "-o", model);

        (int exitCode, _, string error) = await CommandLine.Run("update", model, rust);

        Assert.Equal(1, exitCode);
        Assert.Contains("4 are unlike its good parts", error, StringComparison.Ordinal);
        Assert.False(File.Exists(folder.File("model.updated.cobra")));
    }

    [Theory]
    [InlineData("exclude each other", "update", "MODEL", "MODEL", "--in-place", "-o", "x.cobra")]
    [InlineData("nowhere does not exist", "update", "MODEL", "nowhere")]
    [InlineData("add --overwrite", "update", "MODEL", "MODEL", "-o", "MODEL")]
    [InlineData("--refuse-below must be a number", "update", "MODEL", "MODEL", "--refuse-below", "2")]
    public async Task Wrong_usage_is_said_before_anything_is_read(string message, params string[] arguments)
    {
        string model = folder.File("model.cobra", "no model");

        (int exitCode, _, string error) = await CommandLine.Run([.. arguments.Select(argument => argument == "MODEL" ? model : argument)]);

        Assert.Equal(2, exitCode);
        Assert.Contains(message, error, StringComparison.Ordinal);
    }

    private static async Task Succeed(params string[] arguments)
    {
        (int exitCode, _, string error) = await CommandLine.Run([.. arguments, "--quiet"]);
        Assert.True(exitCode == 0, error);
    }
}
