using System.Text.Json.Serialization;

namespace CobraAD;

/// <summary>What a detector says of one image file.</summary>
/// <param name="Path">The file.</param>
/// <param name="RawScore">What the detector computes; larger is more anomalous.</param>
/// <param name="Score">The same on the scale where 0.5 is the threshold.</param>
/// <param name="IsAnomalous">Whether it lies above the threshold.</param>
public sealed record FileScore(string Path, double RawScore, double Score, bool IsAnomalous)
{
    /// <summary>How far above the threshold it lies, in units of the good images' spread; it ranks images whose <see cref="Score"/> is 1 alike.</summary>
    public double Distance { get; init; }

    /// <summary>The picture with the detector's map over the image, where one was asked for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? HeatMap { get; init; }
}
