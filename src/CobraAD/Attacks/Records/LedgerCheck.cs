using CobraAD.Detection;
using CobraAD.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Attacks.Records;

/// <summary>What the fresh pass over the recorded points found. Metrics use only scores that this pass computed.</summary>
/// <param name="LargestDistance">Largest ‖x' - x‖ of any recorded point, in the norm of the threat model.</param>
/// <param name="LargestScoreDifference">
/// Largest difference between a recorded and a recomputed score; large when a detector is random or couples images.
/// </param>
/// <param name="Rejected">Points outside the ball or [0, 1], or with NaN: they do not count, the clean image does.</param>
/// <param name="Weakened">Points whose recomputed score harms less than the clean image's: the clean image counts.</param>
public sealed record LedgerCheck(double LargestDistance, double LargestScoreDifference, int Rejected, int Weakened)
{
    // Passes over the same image differ by rounding alone: that of float32 at the size of the scores, and, where those differ by little more, a
    // share of how far they lie apart.
    private const double Rounding = 2.5e-7, ShareOfSpread = 0.01;

    /// <summary>Whether every recorded point was admissible.</summary>
    public bool Passed => Rejected == 0;

    /// <summary>
    /// Whether the fresh pass confirms what was recorded: every point admissible, and its score the same to 1 % of how far the middle half of the
    /// clean scores lies apart, or to the rounding of float32 at the size of the largest.
    /// </summary>
    /// <param name="cleanScores">The scores of the untouched images.</param>
    public bool Confirms(IReadOnlyList<double> cleanScores)
    {
        ArgumentNullException.ThrowIfNull(cleanScores);
        double[] sorted = [.. cleanScores.Order()];
        double spread = Quantile.AtOrBefore(sorted, 0.75) - Quantile.AtOrBefore(sorted, 0.25);
        if (spread == 0) spread = sorted[^1] - sorted[0];
        return Passed && LargestScoreDifference <= Math.Max(ShareOfSpread * spread, Rounding * cleanScores.Max(Math.Abs));
    }

    /// <summary>What the checks of the parts of a test set say of the whole.</summary>
    internal static LedgerCheck Joined(IReadOnlyCollection<LedgerCheck> parts) =>
        new(parts.Max(part => part.LargestDistance), parts.Max(part => part.LargestScoreDifference), parts.Sum(part => part.Rejected), parts.Sum(part => part.Weakened));

    /// <summary>
    /// Recomputes the score of every recorded point in a fresh pass without gradients, through the detector's public score and in the
    /// batches of the clean pass, and checks distance, range and NaN. Afterwards the ledger's scores are the recomputed ones.
    /// </summary>
    internal static LedgerCheck Verify(Ledger ledger, IAnomalyDetector detector, int batchSize, CancellationToken cancellation)
    {
        (bool[] inside, double largestDistance) = Distances(ledger, batchSize);
        int rejected = ledger.RestoreClean(ledger.Images.Where(i => !inside[i - ledger.First]));
        double[] fresh = FiniteScore.OfAll(detector, ledger.Points, batchSize, cancellation);
        double largestDifference = 0;
        List<int> weakened = [];
        foreach (int i in ledger.Images)
        {
            double score = fresh[i - ledger.First];
            if (!double.IsFinite(score)) throw FiniteScore.NotFinite(detector, [i], "in the final audit");
            largestDifference = Math.Max(largestDifference, Math.Abs(score - ledger.WorstScores[i]));
            ledger.Rescore(i, score);
            if (ledger.Rule == CandidateRule.WorstCase && ledger.Harm(i, score) < ledger.Harm(i, ledger.CleanScores[i])) weakened.Add(i);
        }

        ledger.RestoreClean(weakened);
        return new LedgerCheck(largestDistance, largestDifference, rejected, weakened.Count);
    }

    private static (bool[] Inside, double Largest) Distances(Ledger ledger, int batchSize)
    {
        bool[] inside = new bool[ledger.Held];
        double largest = 0;
        for (int start = 0; start < ledger.Held; start += batchSize)
        {
            using DisposeScope scope = NewDisposeScope();
            int[] images = [.. ledger.Images.Skip(start).Take(batchSize)];
            Ball ball = new(ledger.Threat, ledger.CleanImages(images));
            Tensor points = ledger.WorstImages(images);
            ball.Contains(points).data<bool>().ToArray().CopyTo(inside, start);
            largest = Math.Max(largest, ball.Distance(points).max().item<double>());
        }

        return (inside, largest);
    }
}
