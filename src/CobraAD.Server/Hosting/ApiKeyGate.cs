using System.Security.Cryptography;
using System.Text;
using System.Threading.RateLimiting;

namespace CobraAD.Server.Hosting;

/// <summary>
/// Lets only requests with the key through, when there is a key; and none that another site's page sent. Whoever tries keys is written down, and
/// soon not listened to; whoever has the key is not kept waiting by others from the same address.
/// </summary>
internal sealed partial class ApiKeyGate(ServerOptions options, ILogger<ApiKeyGate> logger) : IEndpointFilter, IDisposable
{
    public const string Header = "X-Api-Key";

    /// <summary>Wrong keys of one address that are answered in a minute.</summary>
    private const int Tries = 20;

    private readonly PartitionedRateLimiter<string> tries = PartitionedRateLimiter.Create<string, string>(address => RateLimitPartition.GetFixedWindowLimiter(
        address, _ => new FixedWindowRateLimiterOptions { PermitLimit = Tries, Window = TimeSpan.FromMinutes(1) }));

    private readonly byte[]? expected = options.ApiKey is null ? null : Digest(options.ApiKey);

    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        HttpRequest request = context.HttpContext.Request;
        // Browsers say where a request comes from; a stranger's page must not feed the results of a service on this machine.
        if (request.Headers["Sec-Fetch-Site"] == "cross-site")
        {
            throw new RefusedException(StatusCodes.Status403Forbidden, "cross-site", "The request comes from a page of another site.");
        }

        if (expected is not null && !CryptographicOperations.FixedTimeEquals(expected, Digest(Given(request))))
        {
            string address = context.HttpContext.Connection.RemoteIpAddress?.ToString() ?? "";
            using RateLimitLease lease = tries.AttemptAcquire(address);
            if (!lease.IsAcquired)
            {
                throw new RefusedException(StatusCodes.Status429TooManyRequests, "too-many-keys", $"More than {Tries} wrong keys in a minute from one address.");
            }

            LogWrong(address, request.Method, request.Path);
            context.HttpContext.Response.Headers.WWWAuthenticate = "Bearer";
            throw new RefusedException(StatusCodes.Status401Unauthorized, "key-wrong", $"Send the service's API key as {Header} or as a bearer token.");
        }

        return next(context);
    }

    public void Dispose() => tries.Dispose();

    private static string Given(HttpRequest request)
    {
        const string bearer = "Bearer ";
        string authorization = request.Headers.Authorization.ToString();
        return authorization.StartsWith(bearer, StringComparison.OrdinalIgnoreCase) ? authorization[bearer.Length..] : request.Headers[Header].ToString();
    }

    // Equal lengths for the comparison whose time says nothing about the key.
    private static byte[] Digest(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Address}: {Method} {Path} with a wrong key or none")]
    private partial void LogWrong(string address, string method, string path);
}
