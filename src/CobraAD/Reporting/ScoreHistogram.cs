namespace CobraAD.Reporting;

/// <summary>How the scores of normal and anomalous images are spread before and after the attack, in bins of equal width.</summary>
/// <param name="Low">Left edge of the first bin.</param>
/// <param name="High">Right edge of the last bin.</param>
/// <param name="CleanNormal">Untouched normal images in each bin.</param>
/// <param name="CleanAnomalous">Untouched anomalous images in each bin.</param>
/// <param name="AttackedNormal">Attacked normal images in each bin.</param>
/// <param name="AttackedAnomalous">Attacked anomalous images in each bin.</param>
public sealed record ScoreHistogram(
    double Low, double High,
    IReadOnlyList<int> CleanNormal, IReadOnlyList<int> CleanAnomalous, IReadOnlyList<int> AttackedNormal, IReadOnlyList<int> AttackedAnomalous)
{
    /// <summary>Counts scores. Every score has its place: the bins span all of them.</summary>
    /// <param name="cleanScores">The scores of the untouched images.</param>
    /// <param name="attackedScores">The worst-case scores of the same images.</param>
    /// <param name="isAnomalous">Their labels.</param>
    /// <param name="bins">Number of bins, at least 2.</param>
    /// <exception cref="ArgumentException">The lengths differ, or there is no image.</exception>
    public static ScoreHistogram From(IReadOnlyList<double> cleanScores, IReadOnlyList<double> attackedScores, IReadOnlyList<bool> isAnomalous, int bins = 40)
    {
        ArgumentNullException.ThrowIfNull(cleanScores);
        ArgumentNullException.ThrowIfNull(attackedScores);
        ArgumentNullException.ThrowIfNull(isAnomalous);
        ArgumentOutOfRangeException.ThrowIfLessThan(bins, 2);
        if (cleanScores.Count == 0 || cleanScores.Count != attackedScores.Count || cleanScores.Count != isAnomalous.Count)
            throw new ArgumentException($"{cleanScores.Count} clean scores, {attackedScores.Count} attacked scores and {isAnomalous.Count} labels; expected the same number of each, at least one.", nameof(cleanScores));

        double low = Math.Min(cleanScores.Min(), attackedScores.Min()), high = Math.Max(cleanScores.Max(), attackedScores.Max());
        if (high <= low) (low, high) = (low - 0.5, low + 0.5);
        return new ScoreHistogram(low, high, Count(cleanScores, false), Count(cleanScores, true), Count(attackedScores, false), Count(attackedScores, true));

        int[] Count(IReadOnlyList<double> scores, bool anomalous)
        {
            int[] counts = new int[bins];
            for (int i = 0; i < scores.Count; i++)
            {
                if (isAnomalous[i] == anomalous) counts[Math.Min(bins - 1, (int)((scores[i] - low) / (high - low) * bins))]++;
            }

            return counts;
        }
    }
}
