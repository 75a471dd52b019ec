namespace CobraAD.Detection;

/// <summary>
/// A detector whose score cannot change faster than a known constant: a certificate against every attack, found or not. Evaluations turn it into a
/// certified AUROC, and the audit holds its attacks against it.
/// </summary>
public interface ILipschitzScore : IAnomalyDetector
{
    /// <summary>L with |A(x) - A(x')| ≤ L · ‖x - x'‖₂ for all images; must be a proven bound, not an estimate.</summary>
    double LipschitzConstant { get; }
}
