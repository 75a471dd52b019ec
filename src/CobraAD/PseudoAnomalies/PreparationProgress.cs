namespace CobraAD.PseudoAnomalies;

/// <summary>Where the preparation of a source of pseudo-anomalies stands.</summary>
/// <param name="Part">What is prepared, e.g. "pseudo-anomaly filter".</param>
/// <param name="Epoch">The current pass over the normal images, from 1.</param>
/// <param name="Done">Steps done.</param>
/// <param name="Total">All steps.</param>
/// <param name="Loss">A loss of the training, where one is known.</param>
public sealed record PreparationProgress(string Part, int Epoch, long Done, long Total, double? Loss);
