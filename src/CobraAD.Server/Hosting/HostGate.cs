using System.Net;

namespace CobraAD.Server.Hosting;

/// <summary>
/// Refuses requests that address the service by a name that is not its own. A stranger's page can let its own name point at this machine (DNS
/// rebinding), and would then be no other site to the browser.
/// </summary>
internal static class HostGate
{
    public static void UseHostGate(this IApplicationBuilder app, ServerOptions options)
    {
        string[] allowed = (options.AllowedHosts ?? (options.ApiKey is null ? "" : "*")).Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (allowed.Contains("*")) return;
        app.Use((context, next) => IsLocal(context.Request.Host.Host) || allowed.Contains(context.Request.Host.Host, StringComparer.OrdinalIgnoreCase)
            ? next(context)
            : throw new RefusedException(StatusCodes.Status421MisdirectedRequest, "host-unknown", $"This service is not known as '{context.Request.Host.Host}'. Name it in AllowedHosts, or set an ApiKey."));
    }

    /// <summary>Whether no public name can be meant.</summary>
    private static bool IsLocal(string host) =>
        !host.Contains('.', StringComparison.Ordinal) || IPAddress.TryParse(host, out _) || host.EndsWith(".local", StringComparison.OrdinalIgnoreCase) || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase);
}
