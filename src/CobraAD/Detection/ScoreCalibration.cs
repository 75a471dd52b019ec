using System.Text.Json.Nodes;
using CobraAD.Numerics;
using CobraAD.Serialization;
using MathNet.Numerics.Distributions;

namespace CobraAD.Detection;

/// <summary>
/// The operating point of a detector: the threshold is (but for rounding) the order statistic s₍m₎, m = ⌈(n + 1)(1 - α)⌉, of n good images' scores, which
/// keeps the expected false-alarm rate at or under α (split conformal prediction). Given the sample, the true rate follows
/// Beta(n - m + 1, m), whose 95 % quantile is the bound.
/// </summary>
/// <param name="Threshold">A raw score above it is anomalous.</param>
/// <param name="Scale">Spread of the good images' scores (interquartile range / 1.349), the unit of the calibrated score.</param>
/// <param name="FalseAlarmRate">The rate α that was asked for.</param>
/// <param name="FalseAlarmBound">With 95 % confidence the true false-alarm rate is at most this.</param>
/// <param name="Count">Number n of good images used.</param>
/// <param name="HeldOut">
/// <see langword="true"/> when these images were kept out of training and bank; <see langword="false"/> when there were too few and
/// each training image was scored against the bank without itself, which is optimistic.
/// </param>
public sealed record ScoreCalibration(double Threshold, double Scale, double FalseAlarmRate, double FalseAlarmBound, int Count, bool HeldOut)
{
    private const int MostScores = 512;

    /// <summary>
    /// The good images' scores, ascending: what later good parts are compared with to notice drift. All of them, or
    /// 512 evenly spaced order statistics when there are more; empty in models calibrated by an older version.
    /// </summary>
    public IReadOnlyList<double> Scores { get; init; } = [];

    /// <summary>Of a detector whose operating point is not set yet: nothing exceeds its threshold.</summary>
    internal static ScoreCalibration Unset(double falseAlarmRate, bool heldOut) => new(double.PositiveInfinity, 1, falseAlarmRate, 1, 0, heldOut);

    /// <summary>Sets the operating point.</summary>
    /// <param name="scores">Raw scores of good images.</param>
    /// <param name="falseAlarmRate">The rate α to keep, in (0, 1).</param>
    /// <param name="heldOut">Whether the images were kept out of training and bank.</param>
    /// <param name="rounding">
    /// By how much a score may differ when the image is scored again, alone or among others. The threshold lies this much above the order statistic,
    /// or the image that it comes from, and every copy of it, would be anomalous or not by chance.
    /// </param>
    /// <exception cref="ArgumentException">There are no scores, or one is not finite.</exception>
    public static ScoreCalibration From(IReadOnlyCollection<double> scores, double falseAlarmRate, bool heldOut, double rounding = 0)
    {
        ArgumentNullException.ThrowIfNull(scores);
        if (scores.Count == 0) throw new ArgumentException("Calibration needs the scores of at least one good image.", nameof(scores));
        if (scores.Any(score => !double.IsFinite(score))) throw new ArgumentException("A good image's score is not a finite number; the detector diverged.", nameof(scores));

        double[] sorted = [.. scores.Order()];
        int n = sorted.Length;
        int rank = Math.Min(n, (int)Math.Ceiling((n + 1) * (1 - falseAlarmRate)));
        double bound = Beta.InvCDF(n - rank + 1, rank, 0.95);
        double spread = (Quantile.Interpolated(sorted, 0.75) - Quantile.Interpolated(sorted, 0.25)) / 1.349;
        // Identical scores have no spread; any positive unit keeps the calibrated score monotone.
        return new ScoreCalibration(sorted[rank - 1] + rounding, Math.Max(spread, 1e-12), falseAlarmRate, bound, n, heldOut) { Scores = Thin(sorted) };
    }

    /// <summary>The operating point that a model file holds.</summary>
    /// <param name="node">What it says.</param>
    /// <param name="where">Which file, for messages.</param>
    /// <exception cref="ModelFormatException">A number cannot be one of an operating point.</exception>
    internal static ScoreCalibration Read(JsonNode? node, string where)
    {
        ScoreCalibration calibration = CobraJson.FromNode<ScoreCalibration>(node, where);
        // A threshold of infinity is one that was not set: nothing exceeds it. NaN would make every image normal without a word.
        bool isUsable = calibration.Threshold > double.NegativeInfinity && calibration.Scale is > 0 and < double.PositiveInfinity
            && calibration.FalseAlarmRate is >= 0 and <= 1 && calibration.FalseAlarmBound is >= 0 and <= 1 && calibration.Scores.All(double.IsFinite);
        return isUsable
            ? calibration
            : throw new ModelFormatException($"{where}: a threshold of {calibration.Threshold}, a scale of {calibration.Scale} or another number that no operating point has. The file was changed or damaged: copy it again, or train again.");
    }

    /// <summary>Equal when every number is, the scores included.</summary>
    /// <param name="other">Another calibration.</param>
    public bool Equals(ScoreCalibration? other) =>
        other is not null && (Threshold, Scale, FalseAlarmRate, FalseAlarmBound, Count, HeldOut) == (other.Threshold, other.Scale, other.FalseAlarmRate, other.FalseAlarmBound, other.Count, other.HeldOut)
        && Scores.SequenceEqual(other.Scores);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Threshold, Scale, FalseAlarmRate, FalseAlarmBound, Count, HeldOut, Scores.Count);

    /// <summary>A raw score on a scale where 0.5 is the threshold: the logistic of its distance to the threshold in units of <see cref="Scale"/>.</summary>
    /// <param name="score">A raw score.</param>
    /// <returns>A value in [0, 1], increasing in <paramref name="score"/>.</returns>
    public double Calibrate(double score) => 1 / (1 + Math.Exp((Threshold - score) / Scale));

    /// <summary>
    /// The logarithm of the odds behind <see cref="Calibrate"/>: the distance to the threshold in units of <see cref="Scale"/>. It ranks images also
    /// where the calibrated score has reached 1, as it does 37 units above the threshold.
    /// </summary>
    /// <param name="score">A raw score.</param>
    /// <returns>0 at the threshold, positive above it.</returns>
    public double Distance(double score) => (score - Threshold) / Scale;

    private static double[] Thin(double[] sorted) =>
        sorted.Length <= MostScores ? sorted : [.. Enumerable.Range(0, MostScores).Select(i => Quantile.Interpolated(sorted, (i + 0.5) / MostScores))];
}
