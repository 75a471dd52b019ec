using Microsoft.OpenApi;

namespace CobraAD.Server.Endpoints;

/// <summary>Describes request bodies that endpoints read themselves, as a stream.</summary>
internal static class RequestBodyDescription
{
    private const string Form = "multipart/form-data";

    /// <summary>Says in the API's document which kinds of bytes an endpoint takes. Unlike Accepts, leaves the refusing to the endpoint, which says why.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="types">The media types.</param>
    public static RouteHandlerBuilder TakesBytes(this RouteHandlerBuilder endpoint, params string[] types) => endpoint.AddOpenApiOperationTransformer((operation, _, _) =>
    {
        operation.RequestBody = new OpenApiRequestBody { Required = true, Content = types.ToDictionary(type => type, type => new OpenApiMediaType { Schema = type == Form ? Files() : Bytes() }) };
        return Task.CompletedTask;
    });

    private static OpenApiSchema Bytes() => new() { Type = JsonSchemaType.String, Format = "binary" };

    private static OpenApiSchema Files() => new()
    {
        Type = JsonSchemaType.Object,
        Properties = new Dictionary<string, IOpenApiSchema> { ["images"] = new OpenApiSchema { Type = JsonSchemaType.Array, Items = Bytes() } },
    };
}
