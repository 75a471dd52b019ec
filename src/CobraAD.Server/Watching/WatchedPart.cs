using System.Text.Json;
using System.Text.Json.Serialization;
using CobraAD.Server.Results;

namespace CobraAD.Server.Watching;

/// <summary>What became of a file.</summary>
/// <param name="File">Its name in the watched folder.</param>
/// <param name="SeenAt">When it was dealt with. With the name it stands for this part: a log has no two lines in which both are the same.</param>
/// <param name="Result">What was found; <see langword="null"/> when it could not be scored.</param>
/// <param name="Refusal">Why it could not be scored.</param>
public sealed record WatchedPart(string File, DateTimeOffset SeenAt, PartResult? Result, string? Refusal)
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <summary>Hash of the file's content (SHA-256, lower-case hexadecimal); <see langword="null"/> when it was too large to be read.</summary>
    public string? Sha256 { get; init; }

    /// <summary>"normal", "anomalous" or "refused".</summary>
    public string Decision => Result is null ? "refused" : Result.IsAnomalous ? "anomalous" : "normal";

    /// <summary>One line of JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Options);

    /// <summary>Whether a line of JSON is about this part.</summary>
    /// <param name="line">The line.</param>
    internal bool IsIn(string line)
    {
        try
        {
            WatchedPart? other = JsonSerializer.Deserialize<WatchedPart>(line, Options);
            return other?.File == File && other.SeenAt == SeenAt;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
