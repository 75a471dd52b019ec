namespace CobraAD.Training.Pretraining;

/// <summary>Where a pretraining stands.</summary>
/// <param name="Losses">Mean loss of each finished epoch.</param>
/// <param name="Steps">Steps taken of the epoch under way.</param>
/// <param name="LossSum">Sum of their losses.</param>
/// <param name="Seconds">Time so far.</param>
internal sealed record PretrainingPosition(IReadOnlyList<double> Losses, int Steps, double LossSum, double Seconds);
