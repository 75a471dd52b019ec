using System.Net;

namespace CobraAD.Server.Hosting;

/// <summary>Says when anybody in the network can use the service.</summary>
internal static partial class OpenDoor
{
    /// <summary>Warns of addresses that others can reach while there is no key.</summary>
    /// <param name="logger">Where to.</param>
    /// <param name="options">The addresses and the key.</param>
    public static void WarnOfOpenDoor(this ILogger logger, ServerOptions options)
    {
        if (options.ApiKey is not null) return;
        foreach (string url in options.Urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            string host = BindingAddress.Parse(url).Host;
            bool isOwn = host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? address) && IPAddress.IsLoopback(address));
            if (!isOwn) LogOpen(logger, url);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Url} is open to everybody who can reach this machine: images, results and pictures. Set an ApiKey, or listen on 127.0.0.1")]
    private static partial void LogOpen(ILogger logger, string url);
}
