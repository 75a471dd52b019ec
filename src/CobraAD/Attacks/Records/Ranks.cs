using CobraAD.Numerics;

namespace CobraAD.Attacks.Records;

/// <summary>What the scores of a ledger say about the ranking of its images, and so where more effort pays.</summary>
internal static class Ranks
{
    /// <summary>
    /// The images that more attacks could still matter for. The others are rank-broken: a normal image above every anomaly, or an
    /// anomaly below every normal image. The opposite class can only move further in the attacker's favour, so nothing found for a
    /// rank-broken image changes any rank metric.
    /// </summary>
    /// <param name="ledger">The records so far.</param>
    /// <returns>Indices in the ledger, ascending.</returns>
    public static int[] OpenImages(this Ledger ledger)
    {
        ArgumentNullException.ThrowIfNull(ledger);
        return OpenOf(ledger.WorstScores, ledger.IsAnomalous, ledger.Rule);
    }

    /// <summary>The same of scores alone.</summary>
    internal static int[] OpenOf(IReadOnlyList<double> worstScores, IReadOnlyList<bool> isAnomalous, CandidateRule rule)
    {
        // The rule needs scores that only move one way.
        if (rule == CandidateRule.LastIterate) return [.. Enumerable.Range(0, worstScores.Count)];
        // With one class only there is nothing to rank against: every image stays open.
        double highestAnomaly = worstScores.Where((_, i) => isAnomalous[i]).DefaultIfEmpty(double.PositiveInfinity).Max();
        double lowestNormal = worstScores.Where((_, i) => !isAnomalous[i]).DefaultIfEmpty(double.NegativeInfinity).Min();
        return [.. Enumerable.Range(0, worstScores.Count).Where(i => isAnomalous[i] ? worstScores[i] >= lowestNormal : worstScores[i] <= highestAnomaly)];
    }

    /// <summary>
    /// R_i: the share of the other class that each image is still ranked correctly against. Its mean over one class is the AUROC,
    /// ties counted as wrong.
    /// </summary>
    /// <param name="ledger">The records so far.</param>
    public static double[] RankShares(this Ledger ledger)
    {
        ArgumentNullException.ThrowIfNull(ledger);
        return SharesBeyond(ledger.WorstScores, ledger);
    }

    /// <summary>
    /// How much R_i each image would lose if the attacker moved its score further by some amount: where more effort pays most.
    /// </summary>
    /// <param name="ledger">The records so far.</param>
    /// <param name="improvement">A plausible further change of a score.</param>
    public static double[] PossibleGains(this Ledger ledger, double improvement)
    {
        ArgumentNullException.ThrowIfNull(ledger);
        double[] moved = [.. ledger.WorstScores.Select((score, i) => ledger.IsAnomalous[i] ? score - improvement : score + improvement)];
        return [.. SharesBeyond(ledger.WorstScores, ledger).Zip(SharesBeyond(moved, ledger), (now, then) => now - then)];
    }

    /// <summary>The share of the other class's recorded scores that lies beyond each score: above it for a normal image, below it for an anomaly.</summary>
    private static double[] SharesBeyond(IReadOnlyList<double> scores, Ledger ledger)
    {
        double[] normals = [.. ScoresOf(ledger, anomalous: false).Order()];
        double[] anomalies = [.. ScoresOf(ledger, anomalous: true).Order()];
        return
        [
            .. scores.Select((score, i) => ledger.IsAnomalous[i]
                ? Ascending.Below(normals, score) / (double)Math.Max(1, normals.Length)
                : (anomalies.Length - Ascending.UpTo(anomalies, score)) / (double)Math.Max(1, anomalies.Length)),
        ];
    }

    private static IEnumerable<double> ScoresOf(Ledger ledger, bool anomalous) =>
        ledger.WorstScores.Where((_, i) => ledger.IsAnomalous[i] == anomalous);
}
