using System.Diagnostics;
using System.Diagnostics.Metrics;
using CobraAD.Server.Results;

namespace CobraAD.Server.Telemetry;

/// <summary>What the service counts, under the meter and the activity source "CobraAD.Server".</summary>
internal sealed class ServerMetrics
{
    public const string Name = "CobraAD.Server";

    private readonly Counter<long> scored;
    private readonly Counter<long> refused;
    private readonly Histogram<double> duration;
    private readonly Histogram<double> calibrated;
    private readonly Counter<long> swaps;

    public ServerMetrics(IMeterFactory meters)
    {
        Meter meter = meters.Create(Name);
        scored = meter.CreateCounter<long>("cobra.images.scored", "{image}", "Images scored, by decision and source.");
        refused = meter.CreateCounter<long>("cobra.images.refused", "{image}", "Images that could not be scored, by reason and source.");
        duration = meter.CreateHistogram<double>("cobra.score.duration", "s", "Time to score one image, without waiting.");
        calibrated = meter.CreateHistogram("cobra.score.calibrated", "1", "Calibrated scores; 0.5 is the threshold.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95] });
        swaps = meter.CreateCounter<long>("cobra.model.swaps", "{swap}", "Models put to work in place of another.");
    }

    public static ActivitySource Activities { get; } = new(Name);

    public void Scored(PartResult result)
    {
        scored.Add(1, Tags(result.Product, new("cobra.anomalous", result.IsAnomalous), new("cobra.source", result.Source)));
        duration.Record(result.ElapsedMilliseconds / 1000, Tags(result.Product));
        calibrated.Record(result.Calibrated, Tags(result.Product));
    }

    public void Refused(string reason, string source, string? product) => refused.Add(1, Tags(product, new("cobra.reason", reason), new("cobra.source", source)));

    public void ModelSwapped(string? product) => swaps.Add(1, Tags(product));

    /// <summary>A service with one model has no product to name.</summary>
    private static KeyValuePair<string, object?>[] Tags(string? product, params ReadOnlySpan<KeyValuePair<string, object?>> others) =>
        product is null ? [.. others] : [.. others, new("cobra.product", product)];
}
