using CobraAD.Mpi;
using static TorchSharp.torch;

namespace CobraAD.Training.Parallel;

/// <summary>
/// Which part of a batch each rank computes: an even share of its samples, every one with all its views and with the pseudo-anomaly made of
/// it. What is drawn is drawn for the whole batch on every rank, so the number of ranks changes no random number.
/// </summary>
internal sealed class RankShare
{
    private readonly long pairs;

    /// <param name="ranks">All of them, with the same batch.</param>
    /// <param name="pairs">Normal samples of the whole batch, at least as many as there are ranks.</param>
    /// <exception cref="ArgumentException">There are fewer.</exception>
    public RankShare(IRanks ranks, long pairs)
    {
        RequireEnough(ranks, pairs);
        Ranks = ranks;
        this.pairs = pairs;
    }

    public IRanks Ranks { get; }

    /// <exception cref="ArgumentException">A rank would have nothing to do.</exception>
    public static void RequireEnough(IRanks ranks, long pairs)
    {
        if (pairs >= ranks.Size) return;
        throw new ArgumentException(
            $"A step trains on {pairs} normal images, which {ranks.Size} ranks cannot share: rank {pairs} would have none. The batch size counts the images of all ranks together; raise it, or start fewer ranks.");
    }

    /// <summary>This rank's rows of a view-major batch.</summary>
    /// <param name="samples">Rows of one view: the normals, and the pseudo-anomalies after them where they have rows.</param>
    /// <param name="views">Views.</param>
    /// <param name="device">Where the rows are.</param>
    /// <returns>The rows; its tensors live in the dispose scope of the caller.</returns>
    public RankRows Rows(long samples, long views, Device device) => new(this, [.. Enumerable.Range(0, Ranks.Size).Select(rank => Indices(rank, samples, views))], device);

    private long[] Indices(int rank, long samples, long views)
    {
        long first = pairs * rank / Ranks.Size, end = pairs * (rank + 1) / Ranks.Size;
        List<long> rows = [];
        for (long start = 0; start < samples * views; start += pairs)
        {
            for (long i = first; i < end; i++) rows.Add(start + i);
        }

        return [.. rows];
    }
}
