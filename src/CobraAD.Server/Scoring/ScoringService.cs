using System.Diagnostics;
using CobraAD.Runtime;
using CobraAD.Runtime.Images;
using CobraAD.Server.Images;
using CobraAD.Server.Results;
using CobraAD.Server.Telemetry;

namespace CobraAD.Server.Scoring;

/// <summary>Scores images one by one, at most so many at a time, and keeps what was found: the one way in for requests and folders.</summary>
/// <param name="products">The models in use.</param>
/// <param name="recent">The newest images.</param>
/// <param name="metrics">Counts.</param>
/// <param name="options">Limits, and what is kept.</param>
/// <param name="clock">Dates the results.</param>
/// <param name="store">Where results go; <see langword="null"/> keeps none.</param>
internal sealed class ScoringService(
    ProductCatalog products, RecentImages recent, ServerMetrics metrics, ServerOptions options, TimeProvider clock, IResultStore? store = null) : IDisposable
{
    private readonly ScoringThreads threads = new(options.Parallelism, options.QueueLimit);

    /// <summary>Scores an image and keeps the result. The result is stored when the task completes.</summary>
    /// <param name="name">What the sender calls the part.</param>
    /// <param name="source">How it came: "api" or "watch".</param>
    /// <param name="image">The encoded image; not changed afterwards.</param>
    /// <param name="cancellation">Ends the wait for a turn; a score that has begun is finished and stored.</param>
    /// <param name="key">The part's own name, where its sender may send it again: the result that was stored first is then the answer.</param>
    /// <param name="product">The product that it is a part of; may be missing where there is one model.</param>
    /// <exception cref="RefusedException">There is no such product, the image cannot be scored, or too many are waiting.</exception>
    /// <exception cref="ResultStoreException">The database did not take the result.</exception>
    public async Task<PartResult> ScoreAsync(string name, string source, byte[] image, CancellationToken cancellation, string? key = null, string? product = null)
    {
        using Activity? activity = ServerMetrics.Activities.StartActivity("score");
        Product inspected = products.Find(product);
        PartResult result;
        byte[]? thumbnail;
        try
        {
            (result, thumbnail) = await threads.RunAsync(() => Score(inspected, name, source, image), cancellation);
        }
        catch (RefusedException exception)
        {
            metrics.Refused(exception.Code, source, inspected.Name);
            throw;
        }

        activity?.SetTag("cobra.anomalous", result.IsAnomalous);
        if (store is not null)
        {
            result = await store.AddAsync(result, new StoredImages(thumbnail, options.KeepImages is ImageRetention.Originals ? image : null), key);
            recent.Add(result.Id, image);
        }

        inspected.Drift.Add(result);
        metrics.Scored(result);
        return result;
    }

    /// <summary>Finds the pixels that raise an image's score.</summary>
    /// <param name="image">The encoded image.</param>
    /// <param name="cancellation">Ends the wait for a turn.</param>
    /// <param name="product">The product that it is a part of; may be missing where there is one model.</param>
    /// <returns>A transparent PNG to lay over the image.</returns>
    /// <exception cref="RefusedException">The image cannot be scored, or too many are waiting.</exception>
    public async Task<byte[]> ExplainAsync(byte[] image, CancellationToken cancellation, string? product = null)
    {
        using Activity? activity = ServerMetrics.Activities.StartActivity("explain");
        Product inspected = products.Find(product);
        return await threads.RunAsync(() => Explain(inspected, image), cancellation);
    }

    public void Dispose() => threads.Dispose();

    private static byte[] Explain(Product product, byte[] image)
    {
        using ScorerLease lease = product.Models.Rent();
        try
        {
            return lease.Scorer.Explain(image).ToPng();
        }
        catch (ImageRejectedException exception)
        {
            throw RefusedException.From(exception);
        }
        catch (NotSupportedException exception)
        {
            throw new RefusedException(StatusCodes.Status404NotFound, "no-heat-map", exception.Message);
        }
        catch (ModelRejectedException exception)
        {
            throw RefusedException.From(exception);
        }
    }

    private (PartResult Result, byte[]? Thumbnail) Score(Product product, string name, string source, byte[] image)
    {
        using ScorerLease lease = product.Models.Rent();
        try
        {
            ScoreResult score = lease.Scorer.Score(image);
            PartResult result = new()
            {
                ScoredAt = clock.GetUtcNow(),
                Name = name,
                Product = product.Name,
                Source = source,
                Score = score.Score,
                Calibrated = score.Calibrated,
                Threshold = score.Threshold,
                IsAnomalous = score.IsAnomalous,
                NearestIndex = score.NearestIndex,
                Width = score.Width,
                Height = score.Height,
                ElapsedMilliseconds = score.Elapsed.TotalMilliseconds,
                Model = lease.Scorer.Model.FileHash,
                RobustMargin = score.RobustMargin,
            };
            return (result, options.KeepImages is ImageRetention.None || store is null ? null : Thumbnail.Make(image));
        }
        catch (ImageRejectedException exception)
        {
            throw RefusedException.From(exception);
        }
        catch (ModelRejectedException exception)
        {
            throw RefusedException.From(exception);
        }
    }
}
