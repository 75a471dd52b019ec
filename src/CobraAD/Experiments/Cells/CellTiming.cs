namespace CobraAD.Experiments.Cells;

/// <summary>What a cell cost. The only part of a result that is not a function of the cell.</summary>
/// <param name="Machine">Where it ran.</param>
/// <param name="Seconds">Everything, without what another cell had already trained.</param>
/// <param name="TrainingSeconds">The training steps of the cell's model, whichever cell ran them.</param>
/// <param name="ScoringMilliseconds">Scoring one image of a batch.</param>
public sealed record CellTiming(string Machine, double Seconds, double? TrainingSeconds, double? ScoringMilliseconds);
