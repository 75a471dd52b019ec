using CobraAD.Runtime;
using CobraAD.Server.Scoring;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CobraAD.Server.Endpoints;

/// <summary><c>GET /v1/summary</c>.</summary>
internal static class SummaryEndpoints
{
    public static void MapSummary(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/summary", Get).WithName("GetSummary").WithSummary("Latency and drift").ProducesProblem(StatusCodes.Status503ServiceUnavailable);

    private static Ok<ServiceSummary> Get(ProductCatalog products, string? product = null)
    {
        Product chosen = products.Find(product);
        using ScorerLease lease = chosen.Models.Rent();
        LatencySnapshot latency = lease.Scorer.Latency;
        return TypedResults.Ok(new ServiceSummary(
            lease.Scorer.Model.FileHash, lease.Scorer.Threshold, latency.Count,
            new LatencySummary(latency.P50.TotalMilliseconds, latency.P95.TotalMilliseconds, latency.P99.TotalMilliseconds),
            chosen.Drift.Report()));
    }
}
