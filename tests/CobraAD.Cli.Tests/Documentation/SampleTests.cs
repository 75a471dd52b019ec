using System.Diagnostics;

namespace CobraAD.Cli.Tests.Documentation;

/// <summary>The samples are programs that run, with the package's public types only.</summary>
public sealed class SampleTests
{
    [Fact]
    public async Task The_whole_way_ends_in_a_report()
    {
        using TemporaryFolder folder = new();

        string output = await Run("Train", folder.File("out"));

        Assert.Contains("200 images to train on, 16 to test", output, StringComparison.Ordinal);
        Assert.Contains("of 16 checks flagged", output, StringComparison.Ordinal);
        Assert.True(File.Exists(folder.File("out/report/report.html")));
        Assert.True(File.Exists(folder.File("out/model.cobra")));
        Assert.Empty(Directory.GetFiles(folder.File("out"), "study.state*"));
    }

    [Fact]
    public async Task A_detector_of_one_s_own_is_attacked_and_audited()
    {
        string output = await Run("CustomDetector");

        Assert.Contains("% clean, ", output, StringComparison.Ordinal);
        Assert.Contains("16 ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_attack_of_one_s_own_stands_beside_the_library_s()
    {
        string output = await Run("CustomAttack");

        Assert.Contains("jitter:draws=20: AUROC", output, StringComparison.Ordinal);
        Assert.Contains("the worst of both", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_method_of_one_s_own_is_trained_saved_loaded_and_attacked()
    {
        using TemporaryFolder folder = new();

        string output = await Run("CustomMethod", folder.File("out"));

        Assert.Contains("mean colour, threshold", output, StringComparison.Ordinal);
        Assert.True(File.Exists(folder.File("out/mean-colour.cobra")));
    }

    private static async Task<string> Run(string sample, params string[] arguments)
    {
        ProcessStartInfo start = new(Path.Combine(Repository.OutputOf($"samples/{sample}"), sample), arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, await error);
        return await output;
    }
}
