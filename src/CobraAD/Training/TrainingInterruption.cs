using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Training;

/// <summary>Makes the two exceptions that end a training before its last epoch, and looks for the reason of one of them.</summary>
/// <param name="session">Where its checkpoint lies, if it has one.</param>
/// <param name="subject">What ended, with its article: "The training".</param>
internal sealed class TrainingInterruption(TrainingSession session, string subject)
{
    /// <summary>It was cancelled.</summary>
    /// <param name="epoch">Finished epochs.</param>
    /// <param name="epochs">All epochs.</param>
    /// <param name="steps">Finished steps of the epoch under way.</param>
    /// <param name="stepsPerEpoch">All steps of an epoch.</param>
    public OperationCanceledException Cancelled(int epoch, int epochs, int steps, int stepsPerEpoch) =>
        Cancelled($"in epoch {epoch + 1} of {epochs}, after step {steps} of {stepsPerEpoch}");

    /// <summary>It was cancelled.</summary>
    /// <param name="when">How far it was.</param>
    public OperationCanceledException Cancelled(string when)
    {
        string remedy = session.CheckpointPath is null ? "No checkpoint path was given, so it cannot be resumed." : $"Resume it from '{session.CheckpointPath}'.";
        return new OperationCanceledException($"{subject} was stopped {when}. {remedy}", session.Cancellation);
    }

    /// <summary>Its loss is not a number any more.</summary>
    /// <param name="loss">The loss.</param>
    /// <param name="epoch">Finished epochs.</param>
    /// <param name="steps">Finished steps of the epoch under way.</param>
    /// <param name="learningRate">The highest learning rate, which is the first thing to change.</param>
    public TrainingDivergedException Diverged(double loss, int epoch, int steps, double learningRate)
    {
        string kept = session.CheckpointPath is not null && File.Exists(session.CheckpointPath) ? $" The last good checkpoint is '{session.CheckpointPath}'." : "";
        return new TrainingDivergedException(
            $"{subject} diverged: its loss became {loss} in epoch {epoch + 1}, step {steps + 1}. Use a lower learning rate (now {learningRate}) or a longer warm-up.{kept}");
    }

    /// <summary>Whether all weights are finite. The last update may have broken some that only the next loss would show: they must not replace a good checkpoint.</summary>
    /// <param name="states">Parameters and buffers of all its networks.</param>
    public static bool AreFinite(params IEnumerable<Dictionary<string, Tensor>> states)
    {
        using DisposeScope scope = NewDisposeScope();
        return stack([.. states.SelectMany(state => state.Values).Where(value => value.is_floating_point()).Select(value => value.isfinite().all())]).all().item<bool>();
    }
}
