namespace CobraAD.Evaluation.Audit;

/// <summary>Where an audit stands.</summary>
/// <param name="Check">The check under way, 1 to <paramref name="Checks"/>.</param>
/// <param name="Checks">How many there are.</param>
/// <param name="Name">What it checks.</param>
/// <param name="Attack">The attack that runs for it; empty between attacks.</param>
/// <param name="Done">Images done in this pass over the images.</param>
/// <param name="Total">Images in this pass.</param>
public readonly record struct AuditProgress(int Check, int Checks, string Name, string Attack, int Done, int Total);
