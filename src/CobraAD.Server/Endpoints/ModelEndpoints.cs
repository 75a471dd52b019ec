using System.Net;
using CobraAD.Server.Scoring;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CobraAD.Server.Endpoints;

/// <summary><c>GET</c> and <c>PUT /v1/model</c>.</summary>
internal static class ModelEndpoints
{
    public static void MapModel(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/model", Get).WithName("GetModel").WithSummary("The model in use").ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        routes.MapPut("/model", PutAsync).WithName("PutModel").WithSummary("Put another model to work")
            .WithDescription("Send the bytes of an exported model (application/octet-stream). It is loaded and tried first; requests under way finish with the old one, and a file that is no model changes nothing. Without an API key only this machine may do it.")
            .TakesBytes("application/octet-stream")
            .ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType)
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity);
    }

    private static Ok<ModelDescription> Get(ProductCatalog products, string? product = null) => Describe(products.Find(product));

    private static Ok<ModelDescription> Describe(Product product)
    {
        using ScorerLease lease = product.Models.Rent();
        return TypedResults.Ok(ModelDescription.Of(lease));
    }

    private static async Task<Ok<ModelDescription>> PutAsync(HttpContext context, ProductCatalog products, ServerOptions options, CancellationToken cancellation, string? product = null)
    {
        if (options.ApiKey is null && context.Connection.RemoteIpAddress is { } address && !IPAddress.IsLoopback(address))
        {
            throw new RefusedException(StatusCodes.Status403Forbidden, "key-needed", "Without an API key the model can be replaced from this machine only. Start the service with an ApiKey.");
        }

        Product chosen = products.Find(product);
        if (context.Request.ContentType is not "application/octet-stream")
        {
            throw new RefusedException(StatusCodes.Status415UnsupportedMediaType, "wrong-content-type", $"Found content type '{context.Request.ContentType ?? "none"}'; expected application/octet-stream.");
        }

        if (context.Request.ContentLength > options.MaxModelBytes) throw RefusedException.TooManyBytes("The model", options.MaxModelBytes, nameof(options.MaxModelBytes));
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) limit.MaxRequestBodySize = options.MaxModelBytes + 1;
        await chosen.Installer.InstallAsync(context.Request.Body, cancellation);
        return Describe(chosen);
    }
}
