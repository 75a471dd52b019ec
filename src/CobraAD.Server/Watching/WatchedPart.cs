using System.Text.Json;
using System.Text.Json.Serialization;
using CobraAD.Server.Results;

namespace CobraAD.Server.Watching;

/// <summary>What became of a file.</summary>
/// <param name="File">Its name in the watched folder.</param>
/// <param name="SeenAt">When it was dealt with.</param>
/// <param name="Result">What was found; <see langword="null"/> when it could not be scored.</param>
/// <param name="Refusal">Why it could not be scored.</param>
public sealed record WatchedPart(string File, DateTimeOffset SeenAt, PartResult? Result, string? Refusal)
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <summary>"normal", "anomalous" or "refused".</summary>
    public string Decision => Result is null ? "refused" : Result.IsAnomalous ? "anomalous" : "normal";

    /// <summary>One line of JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Options);
}
