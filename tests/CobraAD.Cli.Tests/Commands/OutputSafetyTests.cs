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
    [InlineData("certify model.cobra parts --state {0}", "is not the state of an evaluation")]
    [InlineData("train . --cache {0}", "--cache: ")]
    [InlineData("check . --cache {0}", "--cache: ")]
    [InlineData("pretrain . --cache {0}", "--cache: ")]
    [InlineData("reproduce table1 --data . --store {0}", "--store: ")]
    public async Task Something_else_is_not_replaced(string line, string reason)
    {
        string file = folder.File("precious.cobra");
        await File.WriteAllTextAsync(file, Precious);

        (int exitCode, _, string error) = await CommandLine.Run([.. line.Split(' ').Select(word => word == "{0}" ? file : word)]);

        Assert.Equal(2, exitCode);
        Assert.Contains(reason, error, StringComparison.Ordinal);
        Assert.DoesNotContain("delete", error, StringComparison.OrdinalIgnoreCase);
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
    [InlineData("evaluate model.cobra parts --save-every 5", "--save-every needs --state FILE or --store DIR")]
    [InlineData("evaluate model.cobra parts --image cobra:2", "--image needs --engine kubernetes")]
    [InlineData("score model.cobra parts --store pieces --engine slurm --image cobra:2", "--image needs --engine kubernetes")]
    [InlineData("reproduce table1 --data . --image cobra:2", "--image needs --engine kubernetes")]
    [InlineData("certify model.cobra parts --attack-draws 5", "--attack-draws needs --attack")]
    [InlineData("certify model.cobra parts --batch-size 5", "--batch-size needs --attack")]
    [InlineData("export model.cobra --samples 5", "--samples needs --robust-margin")]
    [InlineData("export model.cobra --normal-class good", "--normal-class needs --measure DATA")]
    [InlineData("export model.cobra --anomalies .", "--anomalies needs --measure DATA")]
    [InlineData("compare parts --overwrite", "--overwrite needs --output DIR")]
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

    [Theory]
    [InlineData("export model.cobra -o {0}", 256)]
    [InlineData("train parts -o {0}", 245)]
    public async Task A_name_that_is_too_long_is_refused_before_the_work(string line, int length)
    {
        (int exitCode, _, string error) = await CommandLine.Run([.. line.Split(' ').Select(word => word == "{0}" ? folder.File(new string('n', length)) : word)]);

        Assert.Equal(2, exitCode);
        Assert.Contains(" has 256 bytes, a file's name has 255 at most.", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_lies_where_a_checkpoint_would_is_not_called_one()
    {
        string file = folder.File("new.cobra.checkpoint", Precious);

        (int exitCode, _, string error) = await CommandLine.Run("train", "parts", "-o", folder.File("new.cobra"), "--resume");

        Assert.Equal(2, exitCode);
        Assert.Contains("is not a checkpoint of a training", error, StringComparison.Ordinal);
        Assert.Equal(Precious, await File.ReadAllTextAsync(file));
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("info")]
    public async Task A_closed_output_is_said_without_a_stack_trace(string command)
    {
        (int exitCode, _, string error) = await CommandLine.WithClosedOutput(command);

        Assert.Equal(1, exitCode);
        Assert.Contains("error: the standard output is closed", error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_for_temporary_files_that_is_missing_is_named_and_not_made()
    {
        string missing = folder.File("missing");

        (int exitCode, _, string error) = await CommandLine.Start(
            new Dictionary<string, string?> { ["TMPDIR"] = missing }, "check", DrawnParts.In(folder), "--memory-limit", "1KB");

        Assert.Equal(1, exitCode);
        Assert.Contains($"TMPDIR names '{missing}', where no folder is.", error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(missing));
    }

    [Fact]
    public async Task A_training_with_too_few_images_says_how_many_there_are_and_where_they_went()
    {
        string parts = Path.Combine(DrawnParts.In(folder), "train", "good");
        foreach (string file in Directory.GetFiles(parts).Skip(16)) File.Delete(file);

        (int exitCode, _, string error) = await CommandLine.Run("train", parts, "-o", folder.File("new.cobra"), "--image-size", "16", "--preset", "tiny");

        Assert.Equal(1, exitCode);
        Assert.Contains(
            "'good' has 16 normal images, of which 3 are put aside to test on, because the data set has no test part: 13 are left to train on. The filter of pseudo-anomalies needs at least 16 to train on. Add images",
            error, StringComparison.Ordinal);
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
