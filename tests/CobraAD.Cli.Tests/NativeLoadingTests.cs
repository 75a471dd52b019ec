using System.Diagnostics;
using System.Text.Json.Nodes;

namespace CobraAD.Cli.Tests;

public sealed class NativeLoadingTests
{
    private static readonly string Own = Path.Combine(AppContext.BaseDirectory, "libtorch");

    [Fact]
    public async Task Cobra_libtorch_makes_the_process_run_on_another_libtorch()
    {
        using TemporaryFolder folder = new();
        LinkLibTorch(folder);

        (int exitCode, string output, string error) = await CommandLine.Start(Libtorch(folder.Path), "info", "--json");

        JsonNode info = JsonNode.Parse(output)!;
        Assert.True(exitCode == 0, error);
        Assert.Equal(folder.Path, (string?)info["libtorchFolder"]);
        string[] mapped = [.. info["nativeLibraries"]!.AsArray().Select(library => (string)library!)];
        Assert.Contains(folder.File("libtorch_cpu.so"), mapped);
        Assert.Contains(folder.File("libc10.so"), mapped);
        Assert.Contains(Path.Combine(AppContext.BaseDirectory, "libLibTorchSharp.so"), mapped);
        Assert.DoesNotContain(mapped, library => library.StartsWith(Own, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_it_the_libtorch_beside_the_program_is_used()
    {
        (int exitCode, string output, string error) = await CommandLine.Start(Libtorch(null), "info", "--json");

        Assert.True(exitCode == 0, error);
        Assert.Equal(Own, (string?)JsonNode.Parse(output)!["libtorchFolder"]);
    }

    [Theory]
    [InlineData(null, 1)]
    [InlineData("2", 2)]
    public async Task Libtorch_takes_no_more_threads_than_cores_that_the_process_may_use_unless_told(string? threads, int expected)
    {
        // The runtime counts a container's CPU limit as cores; this variable stands for such a limit. libtorch looks at the machine.
        Dictionary<string, string?> environment = new() { ["DOTNET_PROCESSOR_COUNT"] = "1", ["OMP_NUM_THREADS"] = null };

        (int exitCode, string output, string error) = await CommandLine.Start(environment, ["info", "--json", .. threads is null ? (string[])[] : ["--threads", threads]]);

        Assert.True(exitCode == 0, error);
        JsonNode info = JsonNode.Parse(output)!;
        Assert.Equal(1, (int)info["usableCores"]!);
        Assert.Equal(expected, (int)info["threads"]!);
    }

    [Fact]
    public async Task A_folder_without_libtorch_is_named_and_the_right_one_suggested()
    {
        using TemporaryFolder folder = new();
        Directory.CreateDirectory(folder.File("lib"));
        folder.File("lib/libtorch_cpu.so", "");

        (int exitCode, _, string error) = await CommandLine.Start(Libtorch(folder.Path), "info");

        Assert.Equal(1, exitCode);
        Assert.Contains($"COBRA_LIBTORCH names {folder.Path}", error, StringComparison.Ordinal);
        Assert.Contains($"Name {folder.File("lib")} instead", error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_library_is_named_with_a_remedy()
    {
        using TemporaryFolder folder = new();
        foreach (string name in (string[])["libc10.so", "libtorch_cpu.so", "libtorch.so"]) folder.File(name, "version https://git-lfs.github.com/spec/v1, no library but the pointer to one");

        (int exitCode, _, string error) = await CommandLine.Start(Libtorch(folder.Path), "info");

        Assert.Equal(1, exitCode);
        Assert.StartsWith($"error: Cannot load {folder.File("libc10.so")}: {folder.File("libc10.so")} is not a library for Linux x64", error, StringComparison.Ordinal);
        Assert.Contains("fetch it again", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_library_of_libtorch_is_named()
    {
        using TemporaryFolder folder = new();
        LinkLibTorch(folder);
        foreach (string openMp in Directory.GetFiles(folder.Path, "libgomp*")) File.Delete(openMp);

        (int exitCode, _, string error) = await CommandLine.Start(Libtorch(folder.Path), "info");

        Assert.Equal(1, exitCode);
        Assert.Contains($"Cannot load {folder.File("libtorch_cpu.so")}: the library libgomp", error, StringComparison.Ordinal);
    }

    private static Dictionary<string, string?> Libtorch(string? folder) => new() { ["COBRA_LIBTORCH"] = folder };

    private static void LinkLibTorch(TemporaryFolder folder)
    {
        using Process link = Process.Start("cp", ["--link", "--recursive", Own + "/.", folder.Path]);
        link.WaitForExit();
        Assert.Equal(0, link.ExitCode);
    }
}
