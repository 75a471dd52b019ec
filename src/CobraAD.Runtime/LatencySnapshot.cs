namespace CobraAD.Runtime;

/// <summary>How long images took, over the most recent ones (at most 4,096), and how many there were since loading.</summary>
/// <param name="Count">Images scored since the model was loaded.</param>
/// <param name="Mean">Mean of the recent ones.</param>
/// <param name="P50">Median: half of the recent ones were at most this slow.</param>
/// <param name="P95">95 % of them were at most this slow.</param>
/// <param name="P99">99 % of them were at most this slow.</param>
/// <param name="Max">The slowest of them.</param>
public sealed record LatencySnapshot(long Count, TimeSpan Mean, TimeSpan P50, TimeSpan P95, TimeSpan P99, TimeSpan Max);
