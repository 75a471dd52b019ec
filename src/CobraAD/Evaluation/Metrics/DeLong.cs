namespace CobraAD.Evaluation.Metrics;

/// <summary>
/// The standard error of an AUROC A from one test set, by DeLong, DeLong and Clarke-Pearson (1988, Biometrics 44): each of the m anomalies has a share of
/// the normal images below it and each of the n normal images a share of the anomalies above it, ties as halves, both with the mean A, and
/// Var(A) = s²(anomalies)/m + s²(normals)/n. The 95 % interval is taken where A is free of bounds, at logit(A), with the error s/(A(1 − A)).
/// </summary>
/// <remarks>
/// A resample of few images repeats some and lacks others, so that its variance is smaller by 1/m and 1/n than the one that is asked for, and its
/// percentiles cannot go where no image is. This interval knows both, and its ends lie inside 0 and 1 by themselves.
/// </remarks>
internal static class DeLong
{
    private const double TwoSided95 = 1.959963984540054;

    /// <summary>The interval; the estimate alone at 0 and 1, and where every image has the same share.</summary>
    /// <param name="normals">How many normal images have each score, in ascending order of the scores.</param>
    /// <param name="anomalies">The same of the anomalies.</param>
    public static ConfidenceInterval Of(int[] normals, int[] anomalies)
    {
        double n = normals.Sum(), m = anomalies.Sum();
        double[] below = new double[normals.Length], above = new double[normals.Length];
        double normalsBelow = 0, anomaliesAbove = m;
        for (int level = 0; level < normals.Length; level++)
        {
            anomaliesAbove -= anomalies[level];
            below[level] = (normalsBelow + normals[level] / 2.0) / n;
            above[level] = (anomaliesAbove + anomalies[level] / 2.0) / m;
            normalsBelow += normals[level];
        }

        double auroc = Mean(below, anomalies, m);
        if (auroc is <= 0 or >= 1) return new ConfidenceInterval(auroc, auroc);

        double error = Math.Sqrt(Variance(below, anomalies, m, auroc) / m + Variance(above, normals, n, auroc) / n);
        double logit = Math.Log(auroc / (1 - auroc)), half = TwoSided95 * error / (auroc * (1 - auroc));
        return new ConfidenceInterval(Math.Min(auroc, Share(logit - half)), Math.Max(auroc, Share(logit + half)));
    }

    private static double Mean(double[] shares, int[] counts, double total) => shares.Zip(counts, (share, count) => share * count).Sum() / total;

    /// <summary>One image alone shows no variance; that of shares in [0, 1] with this mean is A(1 − A) at the most.</summary>
    private static double Variance(double[] shares, int[] counts, double total, double auroc) =>
        total < 2 ? auroc * (1 - auroc) : shares.Zip(counts, (share, count) => count * (share - auroc) * (share - auroc)).Sum() / (total - 1);

    private static double Share(double logit) => 1 / (1 + Math.Exp(-logit));
}
