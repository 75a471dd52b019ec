using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace CobraAD.Server.Tests;

/// <summary>The service as a process of its own, with the real detector.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private readonly Process process;

    private ServerProcess(Process process, int port)
    {
        this.process = process;
        Client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = TimeSpan.FromSeconds(30) };
    }

    public HttpClient Client { get; }

    public static async Task<ServerProcess> StartAsync(TemporaryFolder folder, params string[] arguments)
    {
        int port = FreePort();
        ProcessStartInfo start = new("dotnet", [Path.Combine(AppContext.BaseDirectory, "CobraAD.Server.dll"), "--urls", $"http://127.0.0.1:{port}", "--model", folder.File("model.onnx"), "--data-folder", folder.File("data"), .. arguments])
        {
            RedirectStandardError = true,
            WorkingDirectory = folder.Path,
            // A home of its own, so that a test sees what the service leaves there.
            Environment = { ["HOME"] = Directory.CreateDirectory(folder.File("home")).FullName },
        };
        // Whether telemetry is off must not depend on who runs the tests.
        start.Environment.Remove("ORT_DISABLE_TELEMETRY");
        ServerProcess server = new(Process.Start(start)!, port);
        Task<string> log = server.process.StandardError.ReadToEndAsync();
        for (int attempt = 0; attempt < 300; attempt++)
        {
            if (server.process.HasExited) throw new InvalidOperationException($"The service ended with {server.process.ExitCode}: {await log}");
            try
            {
                using HttpResponseMessage ready = await server.Client.GetAsync("/health/ready");
                if (ready.IsSuccessStatusCode) return server;
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }

            await Task.Delay(100);
        }

        throw new TimeoutException("The service did not become ready in 30 seconds.");
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

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
