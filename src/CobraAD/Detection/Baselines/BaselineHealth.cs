namespace CobraAD.Detection.Baselines;

/// <summary>How the training of a baseline went.</summary>
/// <param name="TrainingSeconds">Time of everything but the calibration.</param>
/// <param name="Phases">Its parts, in order; none when the method trains nothing.</param>
internal sealed record BaselineHealth(double TrainingSeconds, IReadOnlyList<TrainedPhase> Phases);
