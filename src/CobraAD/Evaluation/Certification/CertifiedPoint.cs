namespace CobraAD.Evaluation.Certification;

/// <summary>Bounds against every attack that moves an image by at most one radius.</summary>
/// <param name="Radius">ε under ℓ₂, in units of the full pixel range.</param>
/// <param name="Auroc">AUROC if every normal image had its upper and every anomalous one its lower bound: no attack gets below it.</param>
/// <param name="Lower">What no attack gets the score of each image below.</param>
/// <param name="Upper">What no attack gets the score of each image above.</param>
public sealed record CertifiedPoint(double Radius, double Auroc, IReadOnlyList<double> Lower, IReadOnlyList<double> Upper);
