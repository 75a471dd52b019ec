namespace CobraAD.Evaluation.Metrics;

/// <summary>How closely another form of a detector (an exported or quantised model) follows the original on the same images.</summary>
/// <param name="Images">Number of images.</param>
/// <param name="Auroc">AUROC of the original, in [0, 1].</param>
/// <param name="OtherAuroc">AUROC of the other form.</param>
/// <param name="LargestDifference">The largest |Δscore| of an image.</param>
/// <param name="MeanDifference">The mean |Δscore|.</param>
/// <param name="ChangedDecisions">Images that one calls anomalous and the other does not.</param>
public sealed record ScoreFidelity(int Images, double Auroc, double OtherAuroc, double LargestDifference, double MeanDifference, int ChangedDecisions)
{
    /// <summary>Compares two lists of scores.</summary>
    /// <param name="original">Score of each image from the original.</param>
    /// <param name="other">Score of each image from the other form.</param>
    /// <param name="threshold">The raw score above which an image is anomalous.</param>
    /// <param name="isAnomalous">The label of each image.</param>
    /// <exception cref="ArgumentException">The lengths differ, a class is empty, or a score is NaN.</exception>
    public static ScoreFidelity Compare(IReadOnlyList<double> original, IReadOnlyList<double> other, double threshold, IReadOnlyList<bool> isAnomalous)
    {
        ArgumentNullException.ThrowIfNull(original);
        ArgumentNullException.ThrowIfNull(other);
        if (original.Count != other.Count) throw new ArgumentException($"{original.Count} scores of the original, {other.Count} of the other; both must score the same images.", nameof(other));
        double[] differences = [.. original.Zip(other, (one, two) => Math.Abs(one - two))];
        return new ScoreFidelity(
            original.Count,
            DetectionMetrics.Compute(original, isAnomalous).Auroc,
            DetectionMetrics.Compute(other, isAnomalous).Auroc,
            differences.Max(),
            differences.Average(),
            original.Zip(other).Count(pair => pair.First > threshold != pair.Second > threshold));
    }
}
