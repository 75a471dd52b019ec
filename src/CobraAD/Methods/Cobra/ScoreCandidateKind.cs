namespace CobraAD.Methods.Cobra;

/// <summary>A score on one kind of crafted anomalies.</summary>
/// <param name="Kind">What was done to the good images.</param>
/// <param name="Clean">AUROC on untouched images, in [0, 1].</param>
/// <param name="Attacked">AUROC under attack at the training radius, in [0, 1]; never above <paramref name="Clean"/>.</param>
public sealed record ScoreCandidateKind(string Kind, double Clean, double Attacked);
