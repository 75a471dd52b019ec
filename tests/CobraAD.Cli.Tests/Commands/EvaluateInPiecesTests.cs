using System.Diagnostics;
using System.Text.Json.Nodes;

namespace CobraAD.Cli.Tests.Commands;

/// <summary><c>cobra evaluate --store</c>: the images in pieces, by this process, by workers and by clusters.</summary>
public sealed class EvaluateInPiecesTests : IDisposable
{
    private static readonly string[] Attack = ["--epsilon", "8/255", "--attack", "pgd:steps=3 square:queries=20", "--threads", "1"];

    private readonly TemporaryFolder folder = new();
    private readonly string data;

    public EvaluateInPiecesTests() => data = DrawnParts.In(folder);

    private static string Model => Path.Combine(Repository.Root, "tests", "CobraAD.Tests", "Compatibility", "Files", "deepsvdd.cobra");

    private string Store => folder.File("store");

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Workers_give_the_result_and_the_report_of_one_process()
    {
        string alone = Result(await CommandLine.Json(["evaluate", Model, data, .. Attack, "--report", folder.File("alone")]));
        string joined = Result(await CommandLine.Json(["evaluate", Model, data, .. Attack, "--store", Store, "--jobs", "2", "--report", folder.File("joined")]));
        (int exitCode, _, string said) = await CommandLine.Run(["evaluate", Model, data, .. Attack, "--store", Store]);

        Assert.Equal(alone, joined);
        Assert.Equal(0, exitCode);
        Assert.Contains("8 images: 1 of 1 pieces are done", said, StringComparison.Ordinal);
        Assert.Equal(Hardest("alone"), Hardest("joined"));

        string Hardest(string report) => JsonNode.Parse(File.ReadAllText(Path.Combine(folder.Path, report, "report.json")))!["detectors"]![0]!["hardestImages"]!.ToJsonString();
    }

    [Fact]
    public async Task A_killed_piece_goes_on_and_the_result_is_the_same()
    {
        string[] attack = ["--epsilon", "8/255", "--attack", "pgd:steps=400", "--batch-size", "2", "--threads", "1"], pieces = ["--store", Store, "--save-every", "0"];
        string state = Path.Combine(Store, "pieces", "000000.state");
        using (Process process = CommandLine.Begin(new Dictionary<string, string?>(), ["evaluate", Model, data, .. attack, .. pieces, "--piece", "0"]))
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
            while (!File.Exists(state) && !process.HasExited) await Task.Delay(5);
            process.Kill();
            await process.WaitForExitAsync();
            await output;
            Assert.True(File.Exists(state), await error);
        }

        string joined = Result(await CommandLine.Json(["evaluate", Model, data, .. attack, .. pieces]));

        Assert.Equal(Result(await CommandLine.Json(["evaluate", Model, data, .. attack])), joined);
    }

    [Theory]
    [InlineData("slurm", "evaluate.sbatch", "'--attack' 'pgd:steps=3 square:queries=20'", "#SBATCH --array=0-0%3")]
    [InlineData("kubernetes", "evaluate.yaml", "\"pgd:steps=3 square:queries=20\"", "completions: 1")]
    public async Task A_cluster_gets_a_script_with_a_task_for_each_piece(string engine, string file, params string[] expected)
    {
        (int exitCode, string output, string error) = await CommandLine.Run(["evaluate", Model, data, .. Attack, "--seed", "7", "--store", Store, "--engine", engine, "--jobs", "3"]);

        Assert.True(exitCode == 0, error);
        Assert.Contains("1 tasks", output, StringComparison.Ordinal);
        string script = File.ReadAllText(Path.Combine(Store, file));
        foreach (string part in expected) Assert.Contains(part, script, StringComparison.Ordinal);
        Assert.Contains("--seed", script, StringComparison.Ordinal);
        Assert.DoesNotContain("--engine", script, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--engine needs --store", "--engine", "slurm")]
    [InlineData("autoattack decides by what it found on all images", "--attack", "autoattack:steps=2", "--store", "store")]
    [InlineData("an audit looks at all images", "--audit", "--epsilon", "2/255", "--store", "store")]
    [InlineData("one radius at a time", "--epsilon", "1/255,2/255", "--store", "store")]
    [InlineData("--state: with pieces every piece keeps its own state", "--state", "s", "--store", "store")]
    public async Task What_cannot_be_divided_is_said(string message, params string[] options)
    {
        string[] located = [.. options.Select(word => word is "store" or "s" ? folder.File(word) : word)];

        (int exitCode, _, string error) = await CommandLine.Run(["evaluate", Model, data, .. located]);

        Assert.Equal(ExitCode.Usage, exitCode);
        Assert.Contains(message, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_disk_that_takes_no_more_decoded_images_is_said_and_leaves_nothing_behind()
    {
        string cache = folder.File("cache");

        (int exitCode, string output, string error) = await CommandLine.WithFilesUpTo(4, ["evaluate", Model, data, .. Attack, "--cache", cache]);

        Assert.Equal(ExitCode.Failure, exitCode);
        Assert.Contains($"cannot be kept in '{cache}'", error, StringComparison.Ordinal);
        Assert.Contains("(--cache)", error, StringComparison.Ordinal);
        Assert.Empty(output);
        Assert.DoesNotContain(Directory.GetFiles(cache), file => !file.EndsWith(".lock", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Decoded_images_that_are_kept_serve_the_next_command()
    {
        string cache = folder.File("cache");

        string first = Result(await CommandLine.Json(["evaluate", Model, data, .. Attack, "--cache", cache]));
        DateTime made = File.GetLastWriteTimeUtc(Directory.GetFiles(cache, "*.pixels")[0]);
        (_, _, string said) = await CommandLine.Run(["evaluate", Model, data, .. Attack, "--cache", cache]);
        string third = Result(await CommandLine.Json(["evaluate", Model, data, .. Attack, "--memory-limit", "1000"]));

        Assert.Equal(first, Result(await CommandLine.Json(["evaluate", Model, data, .. Attack])));
        Assert.Equal(first, third);
        Assert.Contains("serve the next command too", said, StringComparison.Ordinal);
        Assert.Equal(made, File.GetLastWriteTimeUtc(Directory.GetFiles(cache, "*.pixels")[0]));
    }

    /// <summary>What a command printed, but for how long it took.</summary>
    private static string Result(JsonNode printed)
    {
        foreach (JsonNode? attack in printed["attacks"]!.AsArray()) attack!.AsObject().Remove("seconds");
        return printed.ToJsonString();
    }
}
