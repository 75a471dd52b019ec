using System.Buffers.Binary;
using System.Diagnostics;
using System.Text.Json.Nodes;

namespace CobraAD.Cli.Tests.Commands;

public sealed class ReproduceTests
{
    [Fact]
    public async Task A_table_is_computed_once_by_a_pool_of_processes_and_reported_again_from_the_store()
    {
        using TemporaryFolder folder = new();
        string[] item = ["reproduce", "table10", "--data", Data(folder), "--store", folder.File("store"), "--budget", "smoke", "--classes", "1", "--threads", "1"];

        (int exitCode, string output, string error) = await CommandLine.Run([.. item, "--jobs", "2"]);
        (int again, string json, _) = await CommandLine.Run([.. item, "--report-only", "--json"]);

        Assert.True(exitCode == 0, error);
        Assert.Contains("| FMNIST | A | AUROC clean, % |", output, StringComparison.Ordinal);
        Assert.Contains("Budget smoke", output, StringComparison.Ordinal);
        Assert.Equal(0, again);
        Assert.Equal(21, JsonNode.Parse(json)!["rows"]!.AsArray().Count(row => row!["ours"] is not null));
        Assert.True(File.Exists(folder.File("store/reports/table10.csv")));
    }

    [Fact]
    public async Task Figure_1_needs_no_training()
    {
        using TemporaryFolder folder = new();

        (int exitCode, _, string error) = await CommandLine.Run("reproduce", "figure1", "--data", folder.Path, "--store", folder.File("store"), "--threads", "1");

        Assert.True(exitCode == 0, error);
        Assert.StartsWith("<svg", File.ReadAllText(folder.File("store/reports/figure1.svg")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_budget_in_the_same_store_is_refused()
    {
        using TemporaryFolder folder = new();
        string[] item = ["reproduce", "table6", "--data", Data(folder), "--store", folder.File("store"), "--classes", "1", "--report-only"];
        await CommandLine.Run([.. item, "--budget", "smoke"]);

        (int exitCode, _, string error) = await CommandLine.Run([.. item, "--budget", "quick"]);

        Assert.Equal(ExitCode.Failure, exitCode);
        Assert.Contains("use another store", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("slurm", "table6.sbatch", "#SBATCH --array=0-5%3")]
    [InlineData("kubernetes", "table6.yaml", "completions: 6")]
    public async Task A_cluster_s_job_is_written_for_the_same_pieces(string engine, string file, string expected)
    {
        using TemporaryFolder folder = new();

        (int exitCode, string output, string error) = await CommandLine.Run(
            "reproduce", "table6", "--data", Data(folder), "--store", folder.File("store"), "--budget", "smoke", "--classes", "1", "--engine", engine, "--jobs", "3");

        Assert.True(exitCode == 0, error);
        Assert.Contains("6 tasks", output, StringComparison.Ordinal);
        Assert.Contains(expected, File.ReadAllText(folder.File($"store/{file}")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("table99", "There is no item 'table99'")]
    [InlineData("table2 --datasets cifar11", "There is no data set 'cifar11'")]
    [InlineData("table2 --classes 77", "Nothing of table2 is left")]
    [InlineData("table2 --methods cis", "There is no detection method 'cis'")]
    [InlineData("table2 --backbone nowhere.json", "there is no file nowhere.json")]
    public async Task A_choice_that_cannot_be_is_a_usage_error(string arguments, string expected)
    {
        using TemporaryFolder folder = new();

        (int exitCode, _, string error) = await CommandLine.Run(["reproduce", .. arguments.Split(' '), "--data", Data(folder), "--store", folder.File("store")]);

        Assert.Equal(ExitCode.Usage, exitCode);
        Assert.Contains(expected, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_data_sets_are_listed_and_a_folder_of_them_is_checked()
    {
        using TemporaryFolder folder = new();

        (int exitCode, string output, string error) = await CommandLine.Run("datasets", "--check", Data(folder), "--threads", "1");

        Assert.True(exitCode == 0, error);
        Assert.Contains("train_32x32.mat", output, StringComparison.Ordinal);
        Assert.Contains("240 training and 30 test images, the published data set has 60000 and 10000", output, StringComparison.Ordinal);
    }

    [SkippableFact]
    [Trait("Category", "Slow")]
    public async Task On_slurm_a_killed_piece_heals_and_the_result_is_the_local_one()
    {
        Skip.IfNot(File.Exists("/usr/sbin/slurmctld") && Environment.UserName == "root", "Needs root and Debian's packages slurmctld, slurmd, slurm-client and munge.");
        using TemporaryFolder folder = new();
        ProcessStartInfo start = new("bash", [Path.Combine(AppContext.BaseDirectory, "one-node.sh"), Path.Combine(AppContext.BaseDirectory, "cobra"), Data(folder)])
        {
            RedirectStandardError = true,
        };

        using Process process = Process.Start(start)!;
        string error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();

        Assert.True(process.ExitCode == 0, error);
    }

    /// <summary>A folder with a Fashion-MNIST of random stripes, as wide as the class.</summary>
    private static string Data(TemporaryFolder folder)
    {
        string target = Path.Combine(folder.Path, "data", "fmnist");
        Directory.CreateDirectory(target);
        foreach ((string part, int count) in (ReadOnlySpan<(string, int)>)[("train", 240), ("t10k", 30)])
        {
            byte[] images = new byte[16 + count * 784], labels = new byte[8 + count];
            foreach ((int place, int word) in (ReadOnlySpan<(int, int)>)[(0, 0x803), (1, count), (2, 28), (3, 28)]) BinaryPrimitives.WriteInt32BigEndian(images.AsSpan(4 * place), word);
            foreach ((int place, int word) in (ReadOnlySpan<(int, int)>)[(0, 0x801), (1, count)]) BinaryPrimitives.WriteInt32BigEndian(labels.AsSpan(4 * place), word);
            Random random = new(count);
            for (int i = 0; i < count; i++)
            {
                labels[8 + i] = (byte)(i % 10);
                for (int pixel = 0; pixel < 784; pixel++) images[16 + i * 784 + pixel] = (byte)(pixel % 28 / (i % 10 + 1) % 2 * 150 + random.Next(100));
            }

            File.WriteAllBytes(Path.Combine(target, $"{part}-images-idx3-ubyte"), images);
            File.WriteAllBytes(Path.Combine(target, $"{part}-labels-idx1-ubyte"), labels);
        }

        return Path.Combine(folder.Path, "data");
    }
}
