namespace CobraAD.Runtime;

/// <summary>What the detector says about one image.</summary>
/// <param name="Score">The raw score, as in training; larger is more anomalous.</param>
/// <param name="Calibrated">The score on a scale from 0 to 1 where 0.5 is the threshold.</param>
/// <param name="Threshold">The raw score above which an image is called anomalous.</param>
/// <param name="IsAnomalous">Whether <paramref name="Score"/> is above <paramref name="Threshold"/>.</param>
/// <param name="NearestIndex">The most similar normal training image: its row in the model's bank; -1 of a method without a bank.</param>
/// <param name="Elapsed">Time from the call to the result; in a batch, the batch's time divided by its images.</param>
public sealed record ScoreResult(double Score, double Calibrated, double Threshold, bool IsAnomalous, long NearestIndex, TimeSpan Elapsed)
{
    /// <summary>The file or name that the image came with; <see langword="null"/> when it had none.</summary>
    public string? Source { get; init; }

    /// <summary>Width of the image as given, upright, in pixels.</summary>
    public int Width { get; init; }

    /// <summary>Height of the image as given, upright, in pixels.</summary>
    public int Height { get; init; }

    /// <summary>
    /// Distance of the score to the threshold in units of what an attack of the training ε moves scores in that direction
    /// (<see cref="RobustnessEstimate"/>): below 1 the decision is near the edge, and a person should look at the part.
    /// </summary>
    /// <value>0 or more; <see langword="null"/> when the model carries no estimate.</value>
    public double? RobustMargin { get; init; }
}
