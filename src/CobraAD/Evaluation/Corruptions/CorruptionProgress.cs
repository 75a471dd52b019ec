namespace CobraAD.Evaluation.Corruptions;

/// <summary>Where a corruption benchmark stands.</summary>
/// <param name="Done">Conditions measured.</param>
/// <param name="Total">Conditions in all.</param>
/// <param name="Latest">The one just measured.</param>
public readonly record struct CorruptionProgress(int Done, int Total, CorruptionOutcome Latest);
