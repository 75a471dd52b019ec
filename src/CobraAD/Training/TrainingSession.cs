using static TorchSharp.torch;

namespace CobraAD.Training;

/// <summary>The circumstances of one training: where it runs, what it tells, and how it can be interrupted. None changes its result.</summary>
public sealed record TrainingSession
{
    /// <summary>Where the network trains; the CPU when <see langword="null"/>.</summary>
    public Device? Device { get; init; }

    /// <summary>A file that always holds the last checkpoint; none when <see langword="null"/>.</summary>
    public string? CheckpointPath { get; init; }

    /// <summary>Goes on from <see cref="CheckpointPath"/> if that file exists.</summary>
    public bool Resume { get; init; }

    /// <summary>Told after every step where the training stands.</summary>
    public IProgress<TrainingProgress>? Progress { get; init; }

    /// <summary>Finishes the step under way, writes a checkpoint and stops.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>Says that the calibration begins, or that it is done.</summary>
    internal void ReportCalibration(int done) => Progress?.Report(new TrainingProgress(TrainingPhase.Calibration, done, 1, 1, double.NaN, null));
}
