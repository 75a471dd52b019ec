namespace CobraAD.Cli.Tests.Commands;

/// <summary>A slip of the name must not cost anybody a model, a picture or a log.</summary>
public sealed class OutputSafetyTests : IDisposable
{
    private const string Precious = "somebody's work";

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("export {0} -o {0}", "is not an ONNX model")]
    [InlineData("export other.cobra -o {0}", "is not an ONNX model")]
    [InlineData("craft parts -o {0}", "is not a PNG picture")]
    [InlineData("score model.cobra parts --parquet {0}", "is not a Parquet file")]
    [InlineData("evaluate model.cobra parts --state {0}", "is not the state of an evaluation")]
    public async Task Something_else_is_not_replaced(string line, string reason)
    {
        string file = folder.File("precious.cobra");
        await File.WriteAllTextAsync(file, Precious);

        (int exitCode, _, string error) = await CommandLine.Run([.. line.Split(' ').Select(word => word == "{0}" ? file : word)]);

        Assert.Equal(2, exitCode);
        Assert.Contains(reason, error, StringComparison.Ordinal);
        Assert.Equal(Precious, await File.ReadAllTextAsync(file));
    }

    [Theory]
    [InlineData("")]
    [InlineData("maps")]
    public async Task Heat_maps_among_the_scored_images_are_refused(string below)
    {
        string images = Directory.CreateDirectory(folder.File("images")).FullName;

        (int exitCode, _, string error) = await CommandLine.Run("score", "model.cobra", images, "--heatmaps", Path.Combine(images, below));

        Assert.Equal(2, exitCode);
        Assert.Contains("among the images that are scored", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Heat_maps_beside_a_scored_image_are_refused()
    {
        (int exitCode, _, string error) = await CommandLine.Run("score", "model.cobra", folder.File("part.png"), "--heatmaps", folder.Path);

        Assert.Equal(2, exitCode);
        Assert.Contains("among the images that are scored", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("evaluate model.cobra parts --threshold -2", "--threshold")]
    [InlineData("audit model.cobra parts --input-size 64", "--input-size")]
    [InlineData("certify model.cobra parts --larger-is-normal", "--larger-is-normal")]
    [InlineData("train parts -o new.cobra --epochs 2 --time 5m", "--epochs")]
    public async Task What_would_be_ignored_is_refused(string line, string option)
    {
        (int exitCode, _, string error) = await CommandLine.Run(line.Split(' '));

        Assert.Equal(2, exitCode);
        Assert.Contains(option, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_memory_at_all_is_wrong_usage()
    {
        (int exitCode, _, string error) = await CommandLine.Run("check", "parts", "--memory-limit", "0");

        Assert.Equal(2, exitCode);
        Assert.Contains("above 0", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_of_the_library_has_no_parameter_names()
    {
        string config = folder.File("config.json");
        await File.WriteAllTextAsync(config, """{ "pseudoAnomalies": { "adaptiveMix": true, "filter": false } }""");

        (int exitCode, _, string error) = await CommandLine.Run("train", "parts", "-o", folder.File("new.cobra"), "--config", config);

        Assert.Equal(2, exitCode);
        Assert.Contains("filter", error, StringComparison.Ordinal);
        Assert.DoesNotContain("(Parameter", error, StringComparison.Ordinal);
        Assert.DoesNotContain("Actual value", error, StringComparison.Ordinal);
    }
}
