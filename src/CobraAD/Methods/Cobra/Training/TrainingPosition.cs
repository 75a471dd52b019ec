using CobraAD.Training;

namespace CobraAD.Methods.Cobra.Training;

/// <summary>Where a training stands: finished epochs, and the sums of the one under way.</summary>
internal sealed record TrainingPosition(int Epoch, EpochTotals Totals, IReadOnlyList<EpochSummary> History, double Seconds);
