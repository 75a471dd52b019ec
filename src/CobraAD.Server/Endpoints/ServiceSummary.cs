using CobraAD.Server.Drift;

namespace CobraAD.Server.Endpoints;

/// <summary>How the service is doing.</summary>
/// <param name="Model">Hash of the model in use.</param>
/// <param name="Threshold">The raw score above which a part is called anomalous.</param>
/// <param name="Scored">Images that this model has scored since it was loaded.</param>
/// <param name="Latency">How long they took, in milliseconds.</param>
/// <param name="Drift">Whether good parts still score as they did.</param>
public sealed record ServiceSummary(string Model, double Threshold, long Scored, LatencySummary Latency, DriftReport Drift);
