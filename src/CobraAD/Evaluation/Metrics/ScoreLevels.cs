namespace CobraAD.Evaluation.Metrics;

/// <summary>
/// Scores as a histogram over their distinct values, in ascending order. Every metric is one walk over it, ties included, and a
/// bootstrap replicate is new counts over the same values.
/// </summary>
internal sealed class ScoreLevels
{
    private const double Detected = 0.95;

    private readonly double[] values;
    private readonly bool[] isAnomalous;
    private readonly int[] levels;
    private readonly int[] normalLevels;
    private readonly int[] anomalyLevels;

    public ScoreLevels(IReadOnlyList<double> scores, IReadOnlyList<bool> isAnomalous)
    {
        ArgumentNullException.ThrowIfNull(scores);
        ArgumentNullException.ThrowIfNull(isAnomalous);
        if (scores.Count != isAnomalous.Count) throw new ArgumentException($"Expected one label for each of the {scores.Count} scores, found {isAnomalous.Count}.", nameof(isAnomalous));
        if (scores.Any(double.IsNaN)) throw new ArgumentException("A score is NaN: images cannot be ranked by it.", nameof(scores));

        values = [.. scores.Distinct().Order()];
        levels = [.. scores.Select(score => Array.BinarySearch(values, score))];
        this.isAnomalous = [.. isAnomalous];
        normalLevels = LevelsOf(anomalous: false);
        anomalyLevels = LevelsOf(anomalous: true);
        if (normalLevels.Length == 0 || anomalyLevels.Length == 0)
        {
            throw new ArgumentException(
                $"Expected normal and anomalous images, found {normalLevels.Length} normal and {anomalyLevels.Length} anomalous ones.", nameof(isAnomalous));
        }

        int[] LevelsOf(bool anomalous) =>
            [.. Enumerable.Range(0, scores.Count).Where(i => isAnomalous[i] == anomalous).Select(i => levels[i])];
    }

    public DetectionMetrics Metrics() => Metrics(Count(normalLevels), Count(anomalyLevels));

    /// <summary>The AUROC's interval by <see cref="DeLong"/>.</summary>
    public ConfidenceInterval AurocByDeLong() => DeLong.Of(Count(normalLevels), Count(anomalyLevels));

    /// <summary>The share of the other class at the first score that detects a share of one.</summary>
    /// <param name="share">In (0, 1].</param>
    /// <param name="ofAnomalies">Whether anomalies are to be detected, by high scores; or normal images accepted, by low ones.</param>
    public double FalseRate(double share, bool ofAnomalies) => ofAnomalies
        ? FirstDetecting(Count(anomalyLevels), Count(normalLevels), descending: true, share).FalseRate
        : FirstDetecting(Count(normalLevels), Count(anomalyLevels), descending: false, share).FalseRate;

    /// <summary>The metrics of one resampling with replacement, normal and anomalous images each among themselves.</summary>
    public DetectionMetrics Resample(Random random) => Metrics(Draw(normalLevels, random), Draw(anomalyLevels, random));

    /// <summary>Whether images of both classes are left where each counts a number of times, or not at all.</summary>
    /// <param name="rows">Where the number of each image stands in <paramref name="times"/>.</param>
    /// <param name="times">The numbers.</param>
    public bool HasBoth(int[] rows, int[] times)
    {
        bool normal = false, anomalous = false;
        for (int i = 0; i < rows.Length && !(normal && anomalous); i++)
        {
            if (times[rows[i]] == 0) continue;
            if (isAnomalous[i]) anomalous = true;
            else normal = true;
        }

        return normal && anomalous;
    }

    /// <summary>The metrics where each image counts a number of times.</summary>
    /// <inheritdoc cref="HasBoth"/>
    public DetectionMetrics Weighted(int[] rows, int[] times)
    {
        int[] normals = new int[values.Length], anomalies = new int[values.Length];
        for (int i = 0; i < rows.Length; i++) (isAnomalous[i] ? anomalies : normals)[levels[i]] += times[rows[i]];
        return Metrics(normals, anomalies);
    }

    private int[] Count(int[] levels)
    {
        int[] counts = new int[values.Length];
        foreach (int level in levels) counts[level]++;
        return counts;
    }

    private int[] Draw(int[] levels, Random random)
    {
        int[] counts = new int[values.Length];
        for (int i = 0; i < levels.Length; i++) counts[levels[random.Next(levels.Length)]]++;
        return counts;
    }

    private DetectionMetrics Metrics(int[] normals, int[] anomalies)
    {
        (double fpr95, double fpr95Threshold) = FirstDetecting(anomalies, normals, descending: true);
        (double accepted, double acceptedThreshold) = FirstDetecting(normals, anomalies, descending: false);
        (double precision, double trapezoid) = PrecisionRecall(anomalies, normals, descending: true);
        (double normalPrecision, _) = PrecisionRecall(normals, anomalies, descending: false);
        return new DetectionMetrics(
            Auroc(normals, anomalies), precision, normalPrecision, trapezoid, fpr95, fpr95Threshold, accepted, acceptedThreshold);
    }

    private static double Auroc(int[] normals, int[] anomalies)
    {
        // Counted in halves so that every term is a whole number: exact far beyond any real test set.
        long halves = 0, normalsBelow = 0, anomalyCount = 0;
        for (int level = 0; level < normals.Length; level++)
        {
            halves += anomalies[level] * (2 * normalsBelow + normals[level]);
            normalsBelow += normals[level];
            anomalyCount += anomalies[level];
        }

        return halves / (2.0 * normalsBelow * anomalyCount);
    }

    private static (double AveragePrecision, double Trapezoid) PrecisionRecall(int[] positives, int[] negatives, bool descending)
    {
        double total = positives.Sum();
        double average = 0, trapezoid = 0, lastPrecision = 1;
        long hits = 0, alarms = 0;
        foreach (int level in Walk(positives.Length, descending))
        {
            if (positives[level] == 0 && negatives[level] == 0) continue;
            hits += positives[level];
            alarms += negatives[level];
            double precision = hits / (double)(hits + alarms);
            double gained = positives[level] / total;
            average += gained * precision;
            trapezoid += gained * (precision + lastPrecision) / 2;
            lastPrecision = precision;
        }

        // Shares of positives that do not add up to 1 exactly must not lead above it.
        return (Math.Min(average, 1), Math.Min(trapezoid, 1));
    }

    /// <summary>The first score, coming from the positives' side, at which enough positives are detected, and the negatives' share there.</summary>
    private (double FalseRate, double Threshold) FirstDetecting(int[] positives, int[] negatives, bool descending, double share = Detected)
    {
        double total = positives.Sum();
        long hits = 0, alarms = 0;
        foreach (int level in Walk(positives.Length, descending))
        {
            hits += positives[level];
            alarms += negatives[level];
            if (hits / total >= share) return (alarms / (double)negatives.Sum(), values[level]);
        }

        throw new InvalidOperationException("The last level detects every positive.");
    }

    private static IEnumerable<int> Walk(int count, bool descending) =>
        descending ? Enumerable.Range(0, count).Select(i => count - 1 - i) : Enumerable.Range(0, count);
}
