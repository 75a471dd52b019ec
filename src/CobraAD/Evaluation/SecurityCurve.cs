using CobraAD.Attacks;

namespace CobraAD.Evaluation;

/// <summary>A detector's metrics against the attacker's radius, and the radius at which each image's verdict flips.</summary>
public sealed record SecurityCurve
{
    /// <summary>The detector's name.</summary>
    public required string Detector { get; init; }

    /// <summary>How perturbations are measured.</summary>
    public required Norm Norm { get; init; }

    /// <summary>The radii, ascending. AUROC never rises from one to the next, because what was found at a smaller radius stays a candidate.</summary>
    public required IReadOnlyList<SecurityCurvePoint> Points { get; init; }

    /// <summary>Index of each sampled image in the test set, ascending.</summary>
    public required IReadOnlyList<int> Sample { get; init; }

    /// <summary>The label of each sampled image.</summary>
    public required IReadOnlyList<bool> IsAnomalous { get; init; }

    /// <summary>
    /// The smallest radius at which an attack took each image across the calibrated threshold: 0 when the untouched image is on the wrong
    /// side already, <see langword="null"/> when no attack got it across. An upper bound of the true one, refined between two radii of the curve
    /// by bisection towards the untouched image. <see langword="null"/> when the detector has no threshold.
    /// </summary>
    public required IReadOnlyList<double?>? FlipRadii { get; init; }

    /// <summary>The flips of one class; <see langword="null"/> when the detector has no threshold.</summary>
    /// <param name="anomalous">Anomalous images that escape, or normal ones that become false alarms.</param>
    public FlipDistribution? Flips(bool anomalous) =>
        FlipRadii is null ? null : FlipDistribution.Of([.. FlipRadii.Where((radius, i) => IsAnomalous[i] == anomalous && radius is not 0)]);
}
