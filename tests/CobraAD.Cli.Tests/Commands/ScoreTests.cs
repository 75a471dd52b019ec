using System.Globalization;
using System.Text.Json.Nodes;
using Parquet;
using Parquet.Schema;

namespace CobraAD.Cli.Tests.Commands;

/// <summary><c>cobra score</c> of many images: its forms of output, and its pieces.</summary>
public sealed class ScoreTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly string images;

    public ScoreTests()
    {
        images = Path.Combine(DrawnParts.In(folder), "test");
        File.WriteAllText(Path.Combine(images, "broken.png"), "no picture");
    }

    private static string Model => Path.Combine(Repository.Root, "tests", "CobraAD.Tests", "Compatibility", "Files", "deepsvdd.cobra");

    private string Store => folder.File("store");

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Every_form_of_output_has_the_same_scores()
    {
        string file = folder.File("scores.parquet");

        (int first, string csv, _) = await CommandLine.Run("score", Model, images, "--csv");
        (int second, string lines, _) = await CommandLine.Run("score", Model, images, "--json-lines");
        (int third, _, string said) = await CommandLine.Run("score", Model, images, "--parquet", file);

        Assert.Equal([1, 1, 1], [first, second, third]);
        Assert.Contains("broken.png", said, StringComparison.Ordinal);
        string[] rows = csv.Trim().Split('\n');
        JsonNode[] objects = [.. lines.Trim().Split('\n').Select(line => JsonNode.Parse(line)!)];
        (string[] paths, double?[] scores, string?[] reasons) = await Read(file);
        Assert.Equal(9, rows.Length);
        Assert.Equal(rows.Skip(1).Select(row => row.Split(',')[0]), objects.Where(image => image["unreadable"] is null).Select(image => (string)image["path"]!));
        Assert.Equal(rows.Skip(1).Select(row => double.Parse(row.Split(',')[1], CultureInfo.InvariantCulture)), scores.OfType<double>());
        Assert.Equal(9, paths.Length);
        Assert.EndsWith("broken.png", paths[Array.FindIndex(reasons, reason => reason is not null)], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_gives_the_bytes_of_one_process_and_is_not_computed_twice()
    {
        (_, string alone, _) = await CommandLine.Run("score", Model, images, "--csv");

        (int piece, string nothing, _) = await CommandLine.Run("score", Model, images, "--store", Store, "--piece", "0", "--csv");
        (_, string joined, string said) = await CommandLine.Run("score", Model, images, "--store", Store, "--csv");

        Assert.Equal(0, piece);
        Assert.Empty(nothing);
        Assert.Equal(alone, joined);
        Assert.Contains("1 of 1 pieces are done", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("slurm", "score.sbatch", "#SBATCH --array=0-0%3")]
    [InlineData("kubernetes", "score.yaml", "completions: 1")]
    public async Task A_cluster_gets_a_script_with_a_task_for_each_piece(string engine, string file, string expected)
    {
        (int exitCode, string output, string error) = await CommandLine.Run("score", Model, images, "--store", Store, "--engine", engine, "--jobs", "3");

        Assert.True(exitCode == 0, error);
        Assert.Contains("1 tasks", output, StringComparison.Ordinal);
        Assert.Contains(expected, File.ReadAllText(Path.Combine(Store, file)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Workers_share_the_pieces()
    {
        (_, string alone, _) = await CommandLine.Run("score", Model, images, "--csv");

        (int exitCode, string output, string error) = await CommandLine.Run("score", Model, images, "--store", Store, "--jobs", "2", "--csv", "--threads", "1");

        Assert.Equal(1, exitCode);
        Assert.Equal(alone, output);
        Assert.Contains("piece 0 done", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--engine needs --store", "--engine", "slurm")]
    [InlineData("--piece needs --store", "--piece", "1")]
    [InlineData("--csv and --parquet exclude each other", "--csv", "--parquet", "scores.parquet")]
    [InlineData("--parquet: . is a folder", "--parquet", ".")]
    public async Task What_does_not_go_together_is_said(string message, params string[] options)
    {
        (int exitCode, _, string error) = await CommandLine.Run(["score", Model, images, .. options]);

        Assert.Equal(ExitCode.Usage, exitCode);
        Assert.Contains(message, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--parquet")]
    [InlineData("--store")]
    public async Task A_disk_that_takes_no_more_is_said_and_leaves_nothing_behind(string option)
    {
        string target = folder.File("target");

        (int exitCode, string output, string error) = await CommandLine.WithFilesUpTo(0, "score", Model, images, "--threads", "1", option, target);

        Assert.Equal(ExitCode.Failure, exitCode);
        Assert.Contains("error: ", error, StringComparison.Ordinal);
        Assert.DoesNotContain("defect of cobra", error, StringComparison.Ordinal);
        Assert.DoesNotContain("anomalous", output, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(folder.Path, "*target*", SearchOption.AllDirectories));
    }

    private static async Task<(string[] Paths, double?[] Scores, string?[] Reasons)> Read(string file)
    {
        await using ParquetReader reader = await ParquetReader.CreateAsync(file);
        using ParquetRowGroupReader group = reader.OpenRowGroupReader(0);
        DataField[] fields = reader.Schema.GetDataFields();
        string[] paths = new string[group.RowCount], reasons = new string[group.RowCount];
        double?[] scores = new double?[group.RowCount];
        await group.ReadAsync(fields[0], paths);
        await group.ReadAsync<double>(fields[1], scores);
        await group.ReadAsync(fields[5], reasons);
        return (paths, scores, reasons);
    }
}
