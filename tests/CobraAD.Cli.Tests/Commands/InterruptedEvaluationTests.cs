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
            "evaluate", model, data, "--epsilon", "1/255", "--attack", "autoattack:steps=8,restarts=1,queries=400", "--batch-size", "4",
            "--state", state, "--save-every", "0", "--report", report, "--threads", "1",
        ];

        (int whole, _, string wholeRemarks) = await CommandLine.Start(Environment, command);
        Assert.True(whole == 0, wholeRemarks);
        JsonNode uninterrupted = WrittenReport.Read(report);
        Directory.Delete(report, recursive: true);
        (int finishedAttacks, int finishedStages) = await KillInTheMiddle(command, state, report);
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
    /// <remarks>A loaded machine may let this thread sleep until the process is further than that: such a run is thrown away and started again.</remarks>
    private static async Task<(int Attacks, int Stages)> KillInTheMiddle(string[] command, string state, string report)
    {
        for (int attempt = 1; ; attempt++)
        {
            using Process process = CommandLine.Begin(Environment, command);
            Task<string> output = process.StandardOutput.ReadToEndAsync(), remarks = process.StandardError.ReadToEndAsync();
            WaitForStages(process, state);
            process.Kill();
            await process.WaitForExitAsync();
            if (process.ExitCode == 137 && Progress(state) is { Attacks: 0 } reached)
            {
                Assert.Empty(await output);
                return reached;
            }

            Assert.True(process.ExitCode is 0 or 137, await remarks);
            Assert.True(attempt < 5, "The evaluation was never caught in the middle of its first attack.");
            File.Delete(state);
            if (Directory.Exists(report)) Directory.Delete(report, recursive: true);
        }
    }

    /// <summary>Holds its thread: a continuation on the pool would wait behind those of all other tests while the process goes on.</summary>
    private static void WaitForStages(Process process, string state)
    {
        while (!process.HasExited && Progress(state) is not ({ Attacks: > 0 } or { Stages: >= 2 })) Thread.Sleep(1);
    }

    /// <summary>How many attacks, and stages of the one under way, a state file says are finished: what follows its two headings.</summary>
    private static (int Attacks, int Stages)? Progress(string state)
    {
        try
        {
            using BinaryReader reader = new(File.OpenRead(state));
            Assert.Equal("CobraAD evaluation 1", reader.ReadString());
            reader.ReadString();
            int attacks = reader.ReadInt32();
            return attacks == 0 ? (attacks, reader.ReadInt32()) : (attacks, 0);
        }
        catch (FileNotFoundException)
        {
            // Not begun, or ended: the last act of an evaluation is to remove it.
            return null;
        }
    }
}
