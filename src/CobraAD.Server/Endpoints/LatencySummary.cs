namespace CobraAD.Server.Endpoints;

/// <summary>Percentiles of the time to score one image, in milliseconds.</summary>
/// <param name="P50">The median.</param>
/// <param name="P95">The slowest of the fastest 95 %.</param>
/// <param name="P99">The slowest of the fastest 99 %.</param>
public sealed record LatencySummary(double P50, double P95, double P99);
