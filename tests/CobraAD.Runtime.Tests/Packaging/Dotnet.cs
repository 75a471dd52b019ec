using System.Diagnostics;

namespace CobraAD.Runtime.Tests.Packaging;

/// <summary><c>dotnet</c> as users of the repository call it.</summary>
internal static class Dotnet
{
    /// <summary>Where packages lie that were restored before, so that tests need not load them again.</summary>
    public static string RestoredPackages => Environment.GetEnvironmentVariable("NUGET_PACKAGES")
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    /// <summary>Runs dotnet to its end; an exit code other than 0 fails the test with all that was printed.</summary>
    /// <param name="folder">Where to run it.</param>
    /// <param name="environment">Variables to set besides the test's own.</param>
    /// <param name="arguments">What to do.</param>
    /// <returns>Standard output.</returns>
    public static async Task<string> RunAsync(string folder, IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        ProcessStartInfo start = new("dotnet", arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        // The test runner sets variables that point MSBuild at itself.
        foreach (string name in start.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToList()) start.Environment.Remove(name);
        // A build node that outlives the command would keep the pipes open.
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["UseSharedCompilation"] = "false";
        foreach ((string name, string value) in environment) start.Environment[name] = value;

        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"dotnet {string.Join(' ', arguments)} ended with {process.ExitCode}:\n{await output}\n{await errors}");
        return await output;
    }
}
