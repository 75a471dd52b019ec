namespace CobraAD.Reporting;

/// <summary>Everything that was measured of one detector.</summary>
public sealed record ReportDetector
{
    /// <summary>What it is called.</summary>
    public required string Name { get; init; }

    /// <summary>One phrase on what it is, e.g. "trained against PGD-10".</summary>
    public string Description { get; init; } = "";

    /// <summary>SHA-256 of its model file; <see langword="null"/> when it was never saved.</summary>
    public string? ModelHash { get; init; }

    /// <summary>The calibrated threshold; a score above it is called anomalous.</summary>
    public double? Threshold { get; init; }

    /// <summary>How long it was trained, where known.</summary>
    public double? TrainingSeconds { get; init; }

    /// <summary>On untouched images.</summary>
    public required ReportCondition Clean { get; init; }

    /// <summary>Under each attack.</summary>
    public required IReadOnlyList<ReportCondition> Attacks { get; init; }

    /// <summary>Under all attacks together: for each image the worst that any of them found.</summary>
    public required ReportCondition Union { get; init; }

    /// <summary>AUROC against the attack's radius; empty when it was not measured.</summary>
    public IReadOnlyList<SecurityPoint> SecurityCurve { get; init; } = [];

    /// <summary>ROC curves before and after the attack.</summary>
    public RocCurve? Roc { get; init; }

    /// <summary>Score histograms before and after the attack.</summary>
    public ScoreHistogram? Scores { get; init; }

    /// <summary>The robustness audit; empty when it was not run.</summary>
    public IReadOnlyList<ReportCheck> Audit { get; init; } = [];

    /// <summary>The images on which the attack did the most harm.</summary>
    public IReadOnlyList<HardImage> HardestImages { get; init; } = [];
}
