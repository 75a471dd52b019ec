namespace CobraAD.Reporting;

/// <summary>The ROC curves of a detector before and after the attack.</summary>
/// <param name="Clean">On untouched images, from (0, 0) to (1, 1).</param>
/// <param name="Attacked">On the worst case of all attacks, from (0, 0) to (1, 1).</param>
public sealed record RocCurve(IReadOnlyList<RocCurve.Point> Clean, IReadOnlyList<RocCurve.Point> Attacked)
{
    /// <summary>Traces both curves. Points on a straight line between their neighbours are left out, which changes no area.</summary>
    /// <param name="cleanScores">The scores of the untouched images; larger is more anomalous.</param>
    /// <param name="attackedScores">The worst-case scores of the same images.</param>
    /// <param name="isAnomalous">Their labels; both must occur.</param>
    public static RocCurve From(IReadOnlyList<double> cleanScores, IReadOnlyList<double> attackedScores, IReadOnlyList<bool> isAnomalous) =>
        new(Trace(cleanScores, isAnomalous), Trace(attackedScores, isAnomalous));

    /// <summary>Traces one curve.</summary>
    /// <param name="scores">The scores; larger is more anomalous.</param>
    /// <param name="isAnomalous">The labels; both must occur.</param>
    /// <exception cref="ArgumentException">The lengths differ or a class is empty.</exception>
    public static IReadOnlyList<Point> Trace(IReadOnlyList<double> scores, IReadOnlyList<bool> isAnomalous)
    {
        ArgumentNullException.ThrowIfNull(scores);
        ArgumentNullException.ThrowIfNull(isAnomalous);
        if (scores.Count != isAnomalous.Count) throw new ArgumentException($"{scores.Count} scores for {isAnomalous.Count} labels.", nameof(scores));
        long anomalies = isAnomalous.Count(label => label), normals = isAnomalous.Count - anomalies;
        if (anomalies == 0 || normals == 0) throw new ArgumentException("A ROC curve needs normal and anomalous images.", nameof(isAnomalous));

        List<(long False, long True)> corners = [(0, 0)];
        (long False, long True) here = (0, 0);
        foreach (IGrouping<double, int> tied in Enumerable.Range(0, scores.Count).GroupBy(i => scores[i]).OrderByDescending(group => group.Key))
        {
            int detected = tied.Count(i => isAnomalous[i]);
            here = (here.False + tied.Count() - detected, here.True + detected);
            if (corners.Count > 1 && Aligned(corners[^2], corners[^1], here)) corners[^1] = here;
            else corners.Add(here);
        }

        return [.. corners.Select(corner => new Point(corner.False / (double)normals, corner.True / (double)anomalies))];
    }

    /// <summary>One threshold's place on a ROC curve.</summary>
    /// <param name="FalseAlarmRate">Share of normal images at or above the threshold.</param>
    /// <param name="DetectionRate">Share of anomalous images at or above it.</param>
    public sealed record Point(double FalseAlarmRate, double DetectionRate);

    private static bool Aligned((long X, long Y) a, (long X, long Y) b, (long X, long Y) c) =>
        (b.X - a.X) * (c.Y - a.Y) == (b.Y - a.Y) * (c.X - a.X);
}
