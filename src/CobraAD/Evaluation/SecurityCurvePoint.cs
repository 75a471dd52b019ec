namespace CobraAD.Evaluation;

/// <summary>How a detector does when the attacker may move every image by one radius.</summary>
/// <param name="Radius">ε in units of the full pixel range.</param>
/// <param name="Worst">The worst-case scores over everything found at this radius or a smaller one.</param>
/// <param name="ForwardPasses">Passes of one image through the detector at this radius.</param>
/// <param name="BackwardPasses">Gradients taken back to one image at this radius.</param>
/// <param name="Duration">Wall time at this radius.</param>
public sealed record SecurityCurvePoint(double Radius, ScoredImages Worst, long ForwardPasses, long BackwardPasses, TimeSpan Duration);
