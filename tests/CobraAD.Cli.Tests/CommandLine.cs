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
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await error);
    }

    /// <summary>Starts the process and leaves it running; the caller reads both of its streams.</summary>
    public static Process Begin(IReadOnlyDictionary<string, string?> environment, params string[] arguments)
    {
        ProcessStartInfo start = new(Path.Combine(AppContext.BaseDirectory, "cobra"), arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string name, string? value) in environment) start.Environment[name] = value;
        return Process.Start(start)!;
    }

    /// <summary>Runs cobra where the system lets no file grow beyond some KiB, as a full disk does.</summary>
    public static async Task<(int ExitCode, string Output, string Error)> WithFilesUpTo(int kibibytes, params string[] arguments)
    {
        ProcessStartInfo start = new("bash", ["-c", $"trap '' XFSZ; ulimit -f {kibibytes}; exec \"$0\" \"$@\"", Path.Combine(AppContext.BaseDirectory, "cobra"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // .NET's own code pages are a file in memory, which the limit would keep from growing too.
        start.Environment["DOTNET_EnableWriteXorExecute"] = "0";
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await error);
    }
}
