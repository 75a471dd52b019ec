namespace CobraAD.Attacks;

/// <summary>How far one stage of an attack has come.</summary>
/// <param name="Attack">The attack or member that runs.</param>
/// <param name="Done">Images done in this stage.</param>
/// <param name="Total">Images in this stage.</param>
internal readonly record struct StageProgress(string Attack, int Done, int Total);
