namespace CobraAD.Detection;

/// <summary>Where detectors find images anomalous.</summary>
internal static class AnomalyMaps
{
    /// <summary>The detector's own map, or one from its gradient.</summary>
    /// <returns><see langword="null"/> for a detector that has neither.</returns>
    public static IAnomalyMap? Of(IAnomalyDetector detector) =>
        detector as IAnomalyMap ?? (detector.IsDifferentiable ? new GradientMap(detector) : null);
}
