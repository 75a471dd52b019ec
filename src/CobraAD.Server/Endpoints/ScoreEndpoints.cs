using CobraAD.Server.Results;
using CobraAD.Server.Scoring;

namespace CobraAD.Server.Endpoints;

/// <summary><c>POST /v1/score</c>.</summary>
internal static class ScoreEndpoints
{
    /// <summary>The rate limiter's policy for it.</summary>
    public const string RatePolicy = "score";

    public static void MapScore(this IEndpointRouteBuilder routes) => routes.MapPost("/score", ScoreAsync)
        .WithName("Score")
        .WithSummary("Score one image or many")
        .WithDescription("Send the bytes of one image (image/* or application/octet-stream, with its name as ?name=), or a form with any number of files; with several products, ?product= says of which. PNG, JPEG, BMP, WebP and TIFF.")
        .TakesBytes("image/*", "application/octet-stream", "multipart/form-data")
        .Produces<ScoreResponse>()
        .ProducesProblem(StatusCodes.Status400BadRequest)
        .ProducesProblem(StatusCodes.Status404NotFound)
        .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
        .ProducesProblem(StatusCodes.Status415UnsupportedMediaType)
        .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
        .ProducesProblem(StatusCodes.Status429TooManyRequests)
        .ProducesProblem(StatusCodes.Status503ServiceUnavailable)
        .RequireRateLimiting(RatePolicy);

    private static async Task<IResult> ScoreAsync(HttpRequest request, UploadReader reader, ScoringService scoring, ProductCatalog products, CancellationToken cancellation, string? product = null)
    {
        // Before anything is read: a wrong name is the request's fault, not an image's.
        products.Find(product);
        List<(UploadedImage Image, Task<PartResult> Score)> images = [];
        try
        {
            // Scoring begins while the rest of the request still arrives.
            await foreach (UploadedImage image in reader.ReadAsync(request, cancellation))
            {
                images.Add((image, scoring.ScoreAsync(image.Name, "api", image.Bytes, cancellation, product: product)));
            }
        }
        catch
        {
            // The images before the fault are scored and stored all the same; their outcome must be looked at, or it would surface elsewhere.
            await Task.WhenAll(images.Select(image => image.Score)).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            throw;
        }

        List<PartResult> results = [];
        List<RefusedImage> refused = [];
        for (int i = 0; i < images.Count; i++)
        {
            try
            {
                results.Add(await images[i].Score);
            }
            catch (RefusedException exception)
            {
                refused.Add(new RefusedImage(i, images[i].Image.Name, exception.Status, exception.Code, exception.Message));
            }
        }

        if (results.Count > 0) return TypedResults.Ok(new ScoreResponse(results, refused));
        Dictionary<string, object?> extensions = new() { ["code"] = refused[0].Code };
        if (refused.Count > 1) extensions["refused"] = refused;
        return TypedResults.Problem(refused[0].Detail, statusCode: refused[0].Status, extensions: extensions);
    }
}
