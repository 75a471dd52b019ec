using CobraAD.Server.Scoring;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CobraAD.Server.Endpoints;

/// <summary><c>GET /v1/products</c>.</summary>
internal static class ProductEndpoints
{
    public static void MapProducts(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/products", Get).WithName("ListProducts").WithSummary("The products of this service")
            .WithDescription("Their names, for ?product= in other requests. Empty where the service has one model, which needs no name.");

    private static Ok<ProductList> Get(ProductCatalog products) => TypedResults.Ok(new ProductList([.. products.All.Select(product => product.Name).OfType<string>()]));
}
