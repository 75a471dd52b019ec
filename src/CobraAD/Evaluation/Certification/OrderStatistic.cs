namespace CobraAD.Evaluation.Certification;

/// <summary>
/// Which of n sorted draws is, with a stated probability, not below a quantile of what they are drawn from. The q-th smallest is below the p-quantile only
/// if at least q draws are, and each is with probability at most p; so P(Binomial(n, p) ≥ q) ≤ α suffices, exactly and for any distribution, ties included.
/// </summary>
internal static class OrderStatistic
{
    /// <summary>Far more than the rounding of the sums, and far less than a rank.</summary>
    private const double Safety = 1 + 1e-6;

    /// <summary>The smallest such q, counted from 1; <see langword="null"/> where not even the largest draw is enough.</summary>
    /// <param name="draws">n, at least 1.</param>
    /// <param name="share">p, in (0, 1).</param>
    /// <param name="failure">α, in (0, 1).</param>
    public static int? NotBelow(int draws, double share, double failure)
    {
        // From the far end of the tail, so that small terms are added first.
        double logOdds = Math.Log(share) - Math.Log(1 - share), logTerm = draws * Math.Log(share), tail = 0;
        int? rank = null;
        for (int q = draws; q >= 1; q--)
        {
            tail += Math.Exp(logTerm);
            if (tail * Safety > failure) break;
            rank = q;
            logTerm += Math.Log(q) - Math.Log(draws - q + 1) - logOdds;
        }

        return rank;
    }

    /// <summary>The fewest draws for which there is such a rank: p^n ≤ α.</summary>
    public static long FewestDraws(double share, double failure) => (long)Math.Min(long.MaxValue / 2.0, Math.Ceiling(Math.Log(failure / Safety) / Math.Log(share)));
}
