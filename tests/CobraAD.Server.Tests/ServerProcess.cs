using System.Diagnostics;
using System.Text;

namespace CobraAD.Server.Tests;

/// <summary>The service as a process of its own, with the real detector.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    /// <summary>What the host logs before its address; the port is the system's choice, which no other test can have taken.</summary>
    private const string Listening = "Now listening on: ";

    private readonly Process process;

    private ServerProcess(Process process, string address)
    {
        this.process = process;
        Client = new HttpClient { BaseAddress = new Uri(address), Timeout = TimeSpan.FromMinutes(2) };
    }

    public HttpClient Client { get; }

    public static async Task<ServerProcess> StartAsync(TemporaryFolder folder, params string[] arguments)
    {
        ProcessStartInfo start = new("dotnet", [Path.Combine(AppContext.BaseDirectory, "CobraAD.Server.dll"), "--urls", "http://127.0.0.1:0", "--model", folder.File("model.onnx"), "--data-folder", folder.File("data"), .. arguments])
        {
            RedirectStandardError = true,
            WorkingDirectory = folder.Path,
            // A home of its own, so that a test sees what the service leaves there.
            Environment = { ["HOME"] = Directory.CreateDirectory(folder.File("home")).FullName },
        };
        // Whether telemetry is off must not depend on who runs the tests.
        start.Environment.Remove("ORT_DISABLE_TELEMETRY");
        Process process = Process.Start(start)!;
        StringBuilder log = new();
        while (await process.StandardError.ReadLineAsync() is { } line)
        {
            log.AppendLine(line);
            int address = line.IndexOf(Listening, StringComparison.Ordinal);
            if (address < 0) continue;
            // Read on, so that the service never waits for room in the pipe.
            _ = process.StandardError.ReadToEndAsync();
            return await ReadyAsync(new ServerProcess(process, line[(address + Listening.Length)..]));
        }

        using (process)
        {
            await process.WaitForExitAsync();
            throw new InvalidOperationException($"The service ended with {process.ExitCode}: {log}");
        }
    }

    /// <summary>SIGKILL: no goodbye of any kind.</summary>
    public async Task KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    /// <summary>SIGTERM.</summary>
    public async Task<int> TerminateAsync()
    {
        using Process kill = Process.Start("kill", ["-TERM", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (!process.HasExited) await KillAsync();
        process.Dispose();
    }

    private static async Task<ServerProcess> ReadyAsync(ServerProcess server)
    {
        using HttpResponseMessage ready = await server.Client.GetAsync("/health/ready");
        ready.EnsureSuccessStatusCode();
        return server;
    }
}
