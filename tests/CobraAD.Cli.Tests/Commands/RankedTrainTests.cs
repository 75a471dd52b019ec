using System.Diagnostics;
using System.Globalization;

namespace CobraAD.Cli.Tests.Commands;

/// <summary><c>mpirun -np N cobra train</c>, with the real mpirun where there is one.</summary>
public sealed class RankedTrainTests : IDisposable
{
    /// <summary>Without what ranks cannot share, and with the paper's score, which needs no choice.</summary>
    private const string Quick = """
        {
          "network": { "encoder": { "widthFactor": 0.125 } }, "score": "similarity",
          "attack": { "steps": 1, "batchStatistics": false }, "pseudoAnomalies": { "filter": false }, "epochs": 1, "itemsPerEpoch": 0, "batchSize": 8, "learningRate": { "warmUpEpochs": 0 }
        }
        """;

    private readonly TemporaryFolder folder = new();

    private string Model => folder.File("parts.cobra");

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Processes_of_MPICH_are_refused_with_what_to_do()
    {
        (int exitCode, string output, string error) = await CommandLine.Start(
            new Dictionary<string, string?> { ["PMI_RANK"] = "0", ["PMI_SIZE"] = "2" }, "train", DrawnParts.In(folder), "-o", Model);

        Assert.Equal(ExitCode.Failure, exitCode);
        Assert.Contains("MPICH's family", error, StringComparison.Ordinal);
        Assert.Empty(output);
    }

    [Fact]
    public async Task A_command_that_shares_nothing_is_not_run_several_times()
    {
        (int exitCode, _, string error) = await CommandLine.Start(
            new Dictionary<string, string?> { ["OMPI_COMM_WORLD_RANK"] = "0", ["OMPI_COMM_WORLD_SIZE"] = "2" }, "score", Model, DrawnParts.In(folder));

        Assert.Equal(ExitCode.Usage, exitCode);
        Assert.Contains("'cobra score' would run 2 times", error, StringComparison.Ordinal);
    }

    [SkippableFact]
    [Trait("Category", "Slow")]
    public async Task Two_ranks_write_one_model_and_speak_once()
    {
        RequireMpi();
        string data = DrawnParts.In(folder), config = folder.File("quick.json", Quick), alone = folder.File("alone.cobra");

        (int exitCode, string output, string error) = await Mpirun("-np", "2", Cobra, "train", data, "--config", config, "-o", Model);
        (int single, _, string said) = await CommandLine.Run("train", data, "--config", config, "-o", alone);

        Assert.True(exitCode == 0 && single == 0, error + said);
        Assert.Equal(2, output.Split("threshold ").Length);
        Assert.Contains("2 ranks; rank 0 handed over", error, StringComparison.Ordinal);
        double[] expected = await Scores(alone, data), found = await Scores(Model, data);
        Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First, pair.Second, 0.02));
    }

    [SkippableFact]
    [Trait("Category", "Slow")]
    public async Task A_killed_rank_ends_all_and_one_process_goes_on_from_the_checkpoint()
    {
        RequireMpi();
        string data = DrawnParts.In(folder), config = folder.File("longer.json", Quick.Replace("\"epochs\": 1,", "\"epochs\": 60,", StringComparison.Ordinal));
        using Process mpirun = Start("-np", "2", Cobra, "train", data, "--config", config, "-o", Model);
        Task<string> error = mpirun.StandardError.ReadToEndAsync(), output = mpirun.StandardOutput.ReadToEndAsync();
        string checkpoint = Model + ".checkpoint";
        for (int waited = 0; !File.Exists(checkpoint) && waited < 1200; waited++) await Task.Delay(100);
        Assert.True(File.Exists(checkpoint), "no checkpoint within two minutes");

        using (Process rank = Process.GetProcessById(RankOf(mpirun.Id, 1))) rank.Kill();
        await mpirun.WaitForExitAsync();
        await output;
        (int resumed, _, string said) = await CommandLine.Run("train", data, "--config", config, "-o", Model, "--resume");

        Assert.NotEqual(0, mpirun.ExitCode);
        Assert.Contains("signal 9", await error, StringComparison.Ordinal);
        Assert.True(resumed == 0, said);
        Assert.True(File.Exists(Model));
    }

    [SkippableFact]
    [Trait("Category", "Slow")]
    public async Task A_rank_without_the_data_says_which_it_is_and_ends_all()
    {
        RequireMpi();
        string data = DrawnParts.In(folder), config = folder.File("quick.json", Quick);

        (int exitCode, _, string error) = await Mpirun(
            "-np", "1", Cobra, "train", data, "--config", config, "-o", Model, ":", "-np", "1", Cobra, "train", data + "-elsewhere", "--config", config, "-o", Model);

        Assert.NotEqual(0, exitCode);
        Assert.Contains("rank 1 of 2 on ", error, StringComparison.Ordinal);
        Assert.Contains("parts-elsewhere", error, StringComparison.Ordinal);
        Assert.False(File.Exists(Model));
    }

    private static string Cobra => Path.Combine(AppContext.BaseDirectory, "cobra");

    private static void RequireMpi() => Skip.If(
        !(Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(place => File.Exists(Path.Combine(place, "mpirun"))), "there is no mpirun: apt-get install openmpi-bin");

    private static async Task<double[]> Scores(string model, string data)
    {
        (int exitCode, string output, string error) = await CommandLine.Run("score", model, Path.Combine(data, "test"), "--csv", "--quiet");
        Assert.True(exitCode == 0, error);
        return [.. output.Trim().Split('\n').Skip(1).Select(line => double.Parse(line.Split(',')[1], CultureInfo.InvariantCulture))];
    }

    private static async Task<(int ExitCode, string Output, string Error)> Mpirun(params string[] arguments)
    {
        using Process process = Start(arguments);
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await error);
    }

    private static Process Start(params string[] arguments)
    {
        ProcessStartInfo start = new("mpirun", ["--oversubscribe", .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        (start.Environment["OMPI_ALLOW_RUN_AS_ROOT"], start.Environment["OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"]) = ("1", "1");
        return Process.Start(start)!;
    }

    /// <summary>The process of a rank, which knows itself by its environment.</summary>
    private static int RankOf(int mpirun, int rank) => Directory.EnumerateDirectories("/proc")
        .Select(path => int.TryParse(Path.GetFileName(path), NumberStyles.None, CultureInfo.InvariantCulture, out int id) ? id : 0)
        .First(id => id > 0 && Read(id, "stat").Split(')')[^1].Split(' ').ElementAtOrDefault(2) == mpirun.ToString(CultureInfo.InvariantCulture)
            && Read(id, "environ").Split('\0').Contains($"OMPI_COMM_WORLD_RANK={rank}"));

    private static string Read(int process, string file)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/{file}");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It ended, or is another user's.
            return "";
        }
    }
}
