namespace CobraAD.PseudoAnomalies.Generative;

/// <summary>Counts the steps of a generator's training and of its sampling as one piece of work, and stops it when asked.</summary>
/// <param name="part">What is reported.</param>
/// <param name="total">All steps.</param>
/// <param name="stepsPerPass">Training steps of one pass over the images.</param>
/// <param name="progress">Who is told.</param>
/// <param name="cancellation">Who may stop it.</param>
internal sealed class GenerativeSteps(string part, long total, double stepsPerPass, IProgress<PreparationProgress>? progress, CancellationToken cancellation)
{
    private long completed;

    /// <summary>Before a step.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public void ThrowIfCancelled() => cancellation.ThrowIfCancellationRequested();

    /// <summary>After a step.</summary>
    public void Report(double? loss)
    {
        completed++;
        progress?.Report(new PreparationProgress(part, 1 + (int)((completed - 1) / stepsPerPass), completed, total, loss));
    }
}
