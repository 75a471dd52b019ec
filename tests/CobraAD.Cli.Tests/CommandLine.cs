using System.Diagnostics;
using System.Text.Json.Nodes;

namespace CobraAD.Cli.Tests;

/// <summary>Runs cobra: in this process against strings, or as the process that a user starts.</summary>
internal static class CommandLine
{
    public static async Task<(int ExitCode, string Output, string Error)> Run(params string[] arguments)
    {
        using StringWriter output = new();
        using StringWriter error = new();
        int exitCode = await new CobraApplication(output, error, isTerminal: false).RunAsync(arguments);
        return (exitCode, output.ToString(), error.ToString());
    }

    /// <summary>Runs a command that must succeed and reads the JSON that it prints.</summary>
    public static async Task<JsonNode> Json(params string[] arguments)
    {
        (int exitCode, string output, string error) = await Run([.. arguments, "--json", "--quiet"]);
        Assert.True(exitCode == 0, error);
        return JsonNode.Parse(output)!;
    }

    public static async Task<(int ExitCode, string Output, string Error)> Start(IReadOnlyDictionary<string, string?> environment, params string[] arguments)
    {
        using Process process = Begin(environment, arguments);
        return await End(process);
    }

    /// <summary>Starts the process and leaves it running; the caller reads both of its streams.</summary>
    public static Process Begin(IReadOnlyDictionary<string, string?> environment, params string[] arguments)
    {
        ProcessStartInfo start = new(Path.Combine(AppContext.BaseDirectory, "cobra"), arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string name, string? value) in environment) start.Environment[name] = value;
        return Process.Start(start)!;
    }

    /// <summary>Runs cobra where the system lets no file grow beyond some KiB, as a full disk does.</summary>
    public static Task<(int ExitCode, string Output, string Error)> WithFilesUpTo(int kibibytes, params string[] arguments) =>
        // .NET's own code pages are a file in memory, which the limit would keep from growing too.
        InShell($"trap '' XFSZ; ulimit -f {kibibytes}; export DOTNET_EnableWriteXorExecute=0; exec \"$0\" \"$@\"", arguments);

    /// <summary>Runs cobra with its standard output closed, so that none is read.</summary>
    public static Task<(int ExitCode, string Output, string Error)> WithClosedOutput(params string[] arguments) => InShell("exec \"$0\" \"$@\" >&-", arguments);

    private static async Task<(int ExitCode, string Output, string Error)> InShell(string script, string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo("bash", ["-c", script, Path.Combine(AppContext.BaseDirectory, "cobra"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        return await End(process);
    }

    private static async Task<(int ExitCode, string Output, string Error)> End(Process process)
    {
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await error);
    }
}
