using CobraAD.Server.Images;
using CobraAD.Server.Results;
using CobraAD.Server.Scoring;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CobraAD.Server.Endpoints;

/// <summary><c>GET /v1/results</c> and what hangs on a result.</summary>
internal static class ResultEndpoints
{
    private const int LargestPage = 1000;

    public static void MapResults(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/results", ListAsync).WithName("ListResults").WithSummary("Recent results, newest first")
            .WithDescription("limit: 1 to 1000, 50 by default. before: the next page's start, from the last page's 'next'. after: only newer ones. anomalous: only this decision. product: only parts of this one.")
            .ProducesProblem(StatusCodes.Status400BadRequest);
        routes.MapGet("/results/{id:long}", FindAsync).WithName("GetResult").WithSummary("One result").ProducesProblem(StatusCodes.Status404NotFound);
        routes.MapGet("/results/{id:long}/thumbnail", ThumbnailAsync).WithName("GetThumbnail").WithSummary("A small picture of the part")
            .Produces<byte[]>(contentType: "image/jpeg").ProducesProblem(StatusCodes.Status404NotFound);
        routes.MapGet("/results/{id:long}/image", ImageAsync).WithName("GetImage").WithSummary("The image as it came")
            .WithDescription("Only while it is among the newest, or when originals are kept.")
            .Produces<byte[]>(contentType: "application/octet-stream").ProducesProblem(StatusCodes.Status404NotFound);
        routes.MapGet("/results/{id:long}/heatmap", HeatMapAsync).WithName("GetHeatMap").WithSummary("Which pixels raise the score")
            .WithDescription("A transparent PNG to lay over the image, made by the model in use. Only while the image is among the newest, or when originals are kept.")
            .Produces<byte[]>(contentType: "image/png").ProducesProblem(StatusCodes.Status404NotFound).RequireRateLimiting(ScoreEndpoints.RatePolicy);
    }

    private static async Task<Ok<ResultPage>> ListAsync(
        IResultStore store, ProductCatalog products, CancellationToken cancellation, int limit = 50, long? before = null, long? after = null, bool? anomalous = null, string? product = null)
    {
        if (limit is < 1 or > LargestPage) throw RefusedException.Malformed($"limit is {limit}, expected 1 to {LargestPage}.");
        IReadOnlyList<PartResult> results = await store.ListAsync(new ResultQuery(limit, before, after, anomalous, Product: products.Require(product)), cancellation);
        return TypedResults.Ok(new ResultPage(results, results.Count == limit ? results[^1].Id : null));
    }

    private static async Task<Ok<PartResult>> FindAsync(long id, IResultStore store, CancellationToken cancellation) =>
        TypedResults.Ok(await store.FindAsync(id, cancellation) ?? throw NotFound(id, "result"));

    private static async Task<FileContentHttpResult> ThumbnailAsync(long id, IResultStore store, HttpResponse response, CancellationToken cancellation)
    {
        byte[] thumbnail = (await store.ImagesAsync(id, cancellation))?.Thumbnail ?? throw NotFound(id, "thumbnail");
        return Forever(response, thumbnail, "image/jpeg");
    }

    private static async Task<FileContentHttpResult> ImageAsync(long id, IResultStore store, RecentImages recent, HttpResponse response, CancellationToken cancellation)
    {
        byte[] image = await OriginalAsync(id, store, recent, cancellation);
        return Forever(response, image, ContentTypeOf(image));
    }

    private static async Task<FileContentHttpResult> HeatMapAsync(long id, IResultStore store, RecentImages recent, ScoringService scoring, CancellationToken cancellation)
    {
        byte[] image = await OriginalAsync(id, store, recent, cancellation);
        return TypedResults.File(await scoring.ExplainAsync(image, cancellation, (await store.FindAsync(id, cancellation))?.Product), "image/png");
    }

    private static async Task<byte[]> OriginalAsync(long id, IResultStore store, RecentImages recent, CancellationToken cancellation) =>
        recent.Find(id) ?? (await store.ImagesAsync(id, cancellation))?.Original ?? throw NotFound(id, "image");

    private static RefusedException NotFound(long id, string what) =>
        new(StatusCodes.Status404NotFound, "not-found", $"There is no {what} {id}{(what is "result" ? "" : " (any more); see KeepImages")}.");

    /// <summary>A result's pictures never change.</summary>
    private static FileContentHttpResult Forever(HttpResponse response, byte[] content, string type)
    {
        response.Headers.CacheControl = "private, max-age=31536000, immutable";
        return TypedResults.File(content, type);
    }

    /// <summary>Only pictures get a type that a browser shows; with "nosniff" everything else stays bytes.</summary>
    private static string ContentTypeOf(ReadOnlySpan<byte> image) => image switch
    {
        [0x89, (byte)'P', (byte)'N', (byte)'G', ..] => "image/png",
        [0xff, 0xd8, 0xff, ..] => "image/jpeg",
        [(byte)'B', (byte)'M', ..] => "image/bmp",
        [(byte)'R', (byte)'I', (byte)'F', (byte)'F', _, _, _, _, (byte)'W', (byte)'E', (byte)'B', (byte)'P', ..] => "image/webp",
        _ => "application/octet-stream",
    };
}
