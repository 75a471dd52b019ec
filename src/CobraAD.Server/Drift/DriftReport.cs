namespace CobraAD.Server.Drift;

/// <summary>Recent good parts compared with good parts of the past.</summary>
public sealed record DriftReport
{
    /// <summary>The verdict.</summary>
    public required DriftStatus Status { get; init; }

    /// <summary>What the recent parts are compared with: "calibration" (the model's own good images) or "first parts" (the first good parts that this service saw).</summary>
    public required string Reference { get; init; }

    /// <summary>Good parts in the reference.</summary>
    public required int ReferenceCount { get; init; }

    /// <summary>Recent good parts compared.</summary>
    public required int RecentCount { get; init; }

    /// <summary>Recent good parts needed for a verdict.</summary>
    public required int Needed { get; init; }

    /// <summary>Kolmogorov–Smirnov distance between the two samples, from 0 to 1; <see langword="null"/> while collecting.</summary>
    public double? Distance { get; init; }

    /// <summary>How likely such a distance is without drift; <see langword="null"/> while collecting.</summary>
    public double? PValue { get; init; }

    /// <summary>How far the median moved, in units of the good images' spread; positive means towards the threshold.</summary>
    public double? Shift { get; init; }

    /// <summary>Share of the recent parts, good or not, that were called anomalous.</summary>
    public double? AnomalousShare { get; init; }

    /// <summary>Share of good parts that the threshold was chosen to flag at most.</summary>
    public required double FalseAlarmRate { get; init; }
}
