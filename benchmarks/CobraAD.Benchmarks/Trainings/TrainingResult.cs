namespace CobraAD.Benchmarks.Trainings;

/// <summary>What one training is worth on test images.</summary>
/// <param name="Variant">The idea.</param>
/// <param name="Data">The data set.</param>
/// <param name="NormalClass">The class that is normal, where there are classes.</param>
/// <param name="Seed">Of everything.</param>
/// <param name="Seconds">Processor seconds of the training, with the filter's classifier, the bank and the choice of the score.</param>
/// <param name="Chosen">The score that was chosen from good images.</param>
/// <param name="Scores">AUROC untouched and attacked of every score, the chosen one among them.</param>
internal sealed record TrainingResult(string Variant, string Data, string? NormalClass, long Seed, double Seconds, string Chosen, IReadOnlyDictionary<string, ScoredTraining> Scores);

/// <summary>AUROC of one score of a training.</summary>
internal readonly record struct ScoredTraining(double Clean, double Attacked);
