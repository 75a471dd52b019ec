namespace CobraAD.Training;

/// <summary>Where a training stands; reported after every step.</summary>
/// <param name="Phase">What is being done.</param>
/// <param name="Done">Units of the phase that are done.</param>
/// <param name="Total">Units of the phase.</param>
/// <param name="Epoch">Epoch under way, from 1.</param>
/// <param name="Loss">Loss of the last step; NaN before the first.</param>
/// <param name="Finished">The epoch that this step finished, if it did.</param>
public sealed record TrainingProgress(TrainingPhase Phase, long Done, long Total, int Epoch, double Loss, EpochSummary? Finished)
{
    /// <summary>What is being done within the phase, e.g. "pseudo-anomaly filter"; <see langword="null"/> where a phase is one thing.</summary>
    public string? Part { get; init; }
}
