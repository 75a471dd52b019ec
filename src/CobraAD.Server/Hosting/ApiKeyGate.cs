using System.Security.Cryptography;
using System.Text;

namespace CobraAD.Server.Hosting;

/// <summary>Lets only requests with the key through, when there is a key; and none that another site's page sent.</summary>
internal sealed class ApiKeyGate(ServerOptions options) : IEndpointFilter
{
    public const string Header = "X-Api-Key";

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
            context.HttpContext.Response.Headers.WWWAuthenticate = "Bearer";
            throw new RefusedException(StatusCodes.Status401Unauthorized, "key-wrong", $"Send the service's API key as {Header} or as a bearer token.");
        }

        return next(context);
    }

    private static string Given(HttpRequest request)
    {
        const string bearer = "Bearer ";
        string authorization = request.Headers.Authorization.ToString();
        return authorization.StartsWith(bearer, StringComparison.OrdinalIgnoreCase) ? authorization[bearer.Length..] : request.Headers[Header].ToString();
    }

    // Equal lengths for the comparison whose time says nothing about the key.
    private static byte[] Digest(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
