using System.Text.Json.Serialization;
using CobraAD.Numerics;

namespace CobraAD.Reporting;

/// <summary>
/// How the scores of normal and anomalous images are spread before and after the attack, in bins of equal width: of the score, or of its
/// <see cref="Position(double)"/> where nearly all scores would lie in one bin.
/// </summary>
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
    /// <summary>With more of the untouched images than this in one bin a histogram shows nothing.</summary>
    private const double Crowded = 0.7;

    /// <summary>The middle score of the untouched normal images, around which the bins are logarithmic; <see langword="null"/> where they are linear.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Center { get; init; }

    /// <summary>The distance from <see cref="Center"/> within which a logarithmic axis is nearly linear.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Unit { get; init; }

    /// <summary>Where a score lies on the axis of the bins: itself, or the signed logarithm of its distance, sign(d) log10(1 + |d| / unit).</summary>
    /// <param name="score">A score.</param>
    public double Position(double score) => Center is { } center && Unit is { } unit ? Position(score, center, unit) : score;

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

        ScoreHistogram linear = Bin(cleanScores, attackedScores, isAnomalous, bins);
        int fullest = linear.CleanNormal.Zip(linear.CleanAnomalous, (normal, anomalous) => normal + anomalous).Max();
        double[] normals = [.. cleanScores.Where((_, i) => !isAnomalous[i]).Order()];
        double[] all = [.. cleanScores.Order()];
        double unit = normals.Length < 4 ? 0 : Quantile.Interpolated(normals, 0.75) - Quantile.Interpolated(normals, 0.25);
        if (fullest <= Crowded * cleanScores.Count || all[0] == all[^1] || unit <= 0) return linear;
        double center = Quantile.Interpolated(normals, 0.5);
        return Bin(Positions(cleanScores), Positions(attackedScores), isAnomalous, bins) with { Center = center, Unit = unit };

        double[] Positions(IReadOnlyList<double> scores) => [.. scores.Select(score => Position(score, center, unit))];
    }

    private static double Position(double score, double center, double unit) =>
        Math.CopySign(Math.Log10(1 + Math.Abs(score - center) / unit), score - center);

    private static ScoreHistogram Bin(IReadOnlyList<double> cleanScores, IReadOnlyList<double> attackedScores, IReadOnlyList<bool> isAnomalous, int bins)
    {
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
