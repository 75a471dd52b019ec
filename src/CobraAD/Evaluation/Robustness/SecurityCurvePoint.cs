using CobraAD.Evaluation.Metrics;

namespace CobraAD.Evaluation.Robustness;

/// <summary>How a detector does when the attacker may move every image by one radius.</summary>
/// <param name="Radius">ε in units of the full pixel range.</param>
/// <param name="Worst">The worst-case scores over everything found at this radius or a smaller one.</param>
public sealed record SecurityCurvePoint(double Radius, ScoredImages Worst);
