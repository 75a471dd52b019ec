using System.Diagnostics;
using System.Text.Json.Nodes;

namespace CobraAD.Cli.Tests.Commands;

/// <summary>An evaluation whose process is killed, as by a power cut: SIGKILL leaves it no moment to save anything.</summary>
public sealed class InterruptedEvaluationTests
{
    [Fact]
    public async Task Killed_in_the_middle_of_autoattack_and_run_again_it_gives_the_same_report()
    {
        using TemporaryFolder folder = new();
        string data = DrawnParts.In(folder), model = folder.File("parts.cobra"), state = folder.File("state"), report = folder.File("report");
        (int trained, _, string trouble) = await CommandLine.Run(
            "train", data, "-o", model, "--preset", "tiny", "--image-size", "16", "--config", DrawnParts.Configuration(folder), "--quiet", "--threads", "1");
        Assert.True(trained == 0, trouble);
        string[] command =
        [
            "evaluate", model, data, "--epsilon", "1/255", "--attack", "autoattack:steps=8,restarts=1,queries=40", "--batch-size", "4",
            "--state", state, "--save-every", "0", "--report", report, "--threads", "1",
        ];

        (int whole, _, string wholeRemarks) = await CommandLine.Start(Environment, command);
        Assert.True(whole == 0, wholeRemarks);
        JsonNode uninterrupted = WrittenReport.Read(report);
        Directory.Delete(report, recursive: true);
        (int finishedAttacks, int finishedStages) = await KillInTheMiddle(command, state);
        Assert.False(Directory.Exists(report));
        (int resumed, _, string remarks) = await CommandLine.Start(Environment, command);

        Assert.Equal(0, finishedAttacks);
        Assert.InRange(finishedStages, 2, int.MaxValue);
        Assert.True(resumed == 0, remarks);
        Assert.Contains($"Going on from {state}.", remarks, StringComparison.Ordinal);
        Assert.False(File.Exists(state));
        Assert.Equal(WrittenReport.WithoutTimes(uninterrupted).ToJsonString(), WrittenReport.WithoutTimes(WrittenReport.Read(report)).ToJsonString());
    }

    private static Dictionary<string, string?> Environment { get; } = new() { ["GOMP_SPINCOUNT"] = "0" };

    /// <summary>Starts the command, kills it once its state file holds two finished stages of the first attack, and says what the file held then.</summary>
    private static async Task<(int Attacks, int Stages)> KillInTheMiddle(string[] command, string state)
    {
        using Process process = CommandLine.Begin(Environment, command);
        Task<string> output = process.StandardOutput.ReadToEndAsync(), remarks = process.StandardError.ReadToEndAsync();
        while (!process.HasExited && Progress(state) is not { Stages: >= 2 }) await Task.Delay(5);
        process.Kill();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 137, $"It ended by itself: {await remarks}");
        Assert.Empty(await output);
        return Progress(state)!.Value;
    }

    /// <summary>How many attacks, and stages of the one under way, a state file says are finished: what follows its two headings.</summary>
    private static (int Attacks, int Stages)? Progress(string state)
    {
        if (!File.Exists(state)) return null;
        using BinaryReader reader = new(File.OpenRead(state));
        Assert.Equal("CobraAD evaluation 1", reader.ReadString());
        reader.ReadString();
        int attacks = reader.ReadInt32();
        return attacks == 0 ? (attacks, reader.ReadInt32()) : (attacks, 0);
    }
}
