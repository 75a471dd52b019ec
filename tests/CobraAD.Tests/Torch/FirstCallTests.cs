using System.Diagnostics;
using CobraAD.Tests.Compatibility;

namespace CobraAD.Tests.Torch;

/// <summary>Programs that never call TorchRuntime.Initialize: whichever entry of the library comes first, libtorch is loaded by its rules.</summary>
public sealed class FirstCallTests
{
    public static TheoryData<string, string> Entries => new()
    {
        { "open", OldFiles.Path("parts") },
        { "load", OldFiles.Path("deepsvdd.cobra") },
        { "load", OldFiles.Path("cobra-tiny.cobra") },
        { "foreign", Path.Combine(AppContext.BaseDirectory, "Detection", "Foreign", "Models", "plain.pt") },
        { "draw", "" },
        { "device", "" },
    };

    [Theory]
    [MemberData(nameof(Entries))]
    public async Task Cobra_libtorch_is_obeyed(string entry, string argument)
    {
        string empty = Directory.CreateTempSubdirectory("cobra-test-").FullName;

        (int exitCode, string output, string error) = await Run(entry, argument, new() { ["COBRA_LIBTORCH"] = empty });

        Directory.Delete(empty);
        Assert.Equal(1, exitCode);
        Assert.Empty(output);
        Assert.Contains($"COBRA_LIBTORCH names {empty}, where there is no libtorch_cpu.so", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_it_the_libtorch_beside_the_program_is_used()
    {
        (int exitCode, string output, string error) = await Run("draw", "", new() { ["COBRA_LIBTORCH"] = null });

        Assert.True(exitCode == 0, error);
        Assert.Equal(Path.Combine(Folder, "libtorch", "libtorch_cpu.so"), output.Trim());
    }

    /// <summary>Where tests/FirstCall was built, beside this assembly's own output.</summary>
    private static string Folder { get; } = Repository.OutputOf("tests/FirstCall");

    private static async Task<(int ExitCode, string Output, string Error)> Run(string entry, string argument, Dictionary<string, string?> environment)
    {
        ProcessStartInfo start = new(Path.Combine(Folder, "FirstCall"), [entry, argument]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string name, string? value) in environment) start.Environment[name] = value;
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await error);
    }
}
