using CobraAD.Attacks;
using CobraAD.Detection;

namespace CobraAD.Evaluation.Robustness;

/// <summary>A detector's metrics against the attacker's radius, and the radius at which each image's verdict flips.</summary>
public sealed record SecurityCurve
{
    /// <summary>How perturbations are measured.</summary>
    public required Norm Norm { get; init; }

    /// <summary>The radii, ascending. AUROC never rises from one to the next, because what was found at a smaller radius stays a candidate.</summary>
    public required IReadOnlyList<SecurityCurvePoint> Points { get; init; }

    /// <summary>The label of each sampled image.</summary>
    public required IReadOnlyList<bool> IsAnomalous { get; init; }

    /// <summary>
    /// The smallest radius at which an attack took each image across the calibrated threshold: 0 when the untouched image is on the wrong
    /// side already, <see langword="null"/> for an image that no attack got across. An upper bound of the true one, refined between two
    /// radii of the curve by bisection towards the untouched image. <see langword="null"/> when the detector has no threshold.
    /// </summary>
    public required IReadOnlyList<double?>? FlipRadii { get; init; }

    /// <summary>Summarises evaluations of the same images under growing radii.</summary>
    /// <param name="results">What <see cref="SecurityCurveEvaluator.Evaluate"/> returned; not disposed, and no longer needed afterwards.</param>
    /// <param name="detector">The detector that was attacked.</param>
    /// <param name="cancellation">Stops between passes.</param>
    /// <exception cref="ArgumentException">There is no result.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static SecurityCurve From(IReadOnlyList<RobustnessResult> results, IAnomalyDetector detector, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(results);
        ArgumentNullException.ThrowIfNull(detector);
        if (results.Count == 0) throw new ArgumentException("A security curve needs at least one radius.", nameof(results));
        return new SecurityCurve
        {
            Norm = results[0].Threat.Norm,
            Points = [.. results.Select(result => new SecurityCurvePoint(result.Threat.Epsilon, result.Union))],
            IsAnomalous = results[0].IsAnomalous,
            FlipRadii = detector.Threshold is double threshold ? new FlipSearch(detector, threshold, results[0].Options.BatchSize, cancellation).Run(results) : null,
        };
    }

    /// <summary>The flips of one class; <see langword="null"/> when the detector has no threshold.</summary>
    /// <param name="anomalous">Anomalous images that escape, or normal ones that become false alarms.</param>
    public FlipDistribution? Flips(bool anomalous) =>
        FlipRadii is null ? null : FlipDistribution.Of([.. FlipRadii.Where((radius, i) => IsAnomalous[i] == anomalous && radius is not 0)]);
}
