namespace CobraAD.Reporting;

/// <summary>A bound of the AUROC that no attack gets below.</summary>
/// <param name="Epsilon">Radius under ℓ₂, in units of the full pixel range.</param>
/// <param name="Auroc">AUROC with every normal image at its upper and every anomalous one at its lower bound.</param>
public sealed record ReportCertifiedPoint(double Epsilon, double Auroc);
