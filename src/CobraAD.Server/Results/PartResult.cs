using System.Text.Json.Serialization;

namespace CobraAD.Server.Results;

/// <summary>What was found about one part.</summary>
public sealed record PartResult
{
    /// <summary>Its number in the store, rising with time; 0 when results are not stored.</summary>
    public long Id { get; init; }

    /// <summary>When it was scored.</summary>
    public required DateTimeOffset ScoredAt { get; init; }

    /// <summary>What the sender calls it: a label, never a path.</summary>
    public required string Name { get; init; }

    /// <summary>The product that it is a part of; absent where the service has one model.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Product { get; init; }

    /// <summary>How it came: "api" or "watch".</summary>
    public required string Source { get; init; }

    /// <summary>The raw score; larger is more anomalous.</summary>
    public required double Score { get; init; }

    /// <summary>The score on a scale from 0 to 1 on which 0.5 is the model's threshold.</summary>
    public required double Calibrated { get; init; }

    /// <summary>The raw score above which a part was called anomalous.</summary>
    public required double Threshold { get; init; }

    /// <summary>The decision.</summary>
    public required bool IsAnomalous { get; init; }

    /// <summary>Position of the most similar training image.</summary>
    public required long NearestIndex { get; init; }

    /// <summary>Width of the image as sent, in pixels.</summary>
    public required int Width { get; init; }

    /// <summary>Height of the image as sent, in pixels.</summary>
    public required int Height { get; init; }

    /// <summary>Time the scoring took, without waiting, in milliseconds.</summary>
    public required double ElapsedMilliseconds { get; init; }

    /// <summary>Hash of the model that decided (SHA-256, lower-case hexadecimal).</summary>
    public required string Model { get; init; }

    /// <summary>
    /// Distance of the score to the threshold in units of what an attack can move it: below 1 a person should look.
    /// <see langword="null"/> when the model carries no estimate.
    /// </summary>
    public double? RobustMargin { get; init; }
}
