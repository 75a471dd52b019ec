namespace CobraAD.Reporting;

/// <summary>How a detector does under one condition: untouched images, one attack, or all attacks together.</summary>
public sealed record ReportCondition
{
    /// <summary>"Untouched", the attack's name, or "All attacks together".</summary>
    public required string Name { get; init; }

    /// <summary>The attack with all its options, in the form that the command line reads; empty for untouched images.</summary>
    public string Recipe { get; init; } = "";

    /// <summary>Area under the ROC curve.</summary>
    public required ReportMetric Auroc { get; init; }

    /// <summary>Average precision with anomalies as positives.</summary>
    public required ReportMetric Aupr { get; init; }

    /// <summary>Share of normal images called anomalous when 95 % of the anomalies are detected.</summary>
    public required ReportMetric Fpr95 { get; init; }

    /// <summary>Share of normal images above the detector's threshold; <see langword="null"/> without a threshold.</summary>
    public double? FalseAlarmRate { get; init; }

    /// <summary>Share of anomalous images that escape below the detector's threshold; <see langword="null"/> without a threshold.</summary>
    public double? EscapeRate { get; init; }

    /// <summary>Passes of one image through the detector.</summary>
    public long ForwardPasses { get; init; }

    /// <summary>Gradients taken back to one image.</summary>
    public long BackwardPasses { get; init; }

    /// <summary>Wall time; <see langword="null"/> where it was not measured.</summary>
    public double? Seconds { get; init; }
}
