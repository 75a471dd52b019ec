using CobraAD.Torch;
using static TorchSharp.torch;

namespace CobraAD.Training;

/// <summary>
/// Which images each step of an epoch sees. The order is a fresh permutation of the set, repeated with further permutations when an
/// epoch has more items than the set, and is cut into batches whose sizes differ by at most one: no step trains on a small remainder.
/// </summary>
internal sealed class EpochOrder
{
    private readonly long[] order;

    /// <param name="images">Number of images in the set.</param>
    /// <param name="items">Items of one epoch; 0 for one pass over the set.</param>
    /// <param name="batchSize">Largest batch.</param>
    /// <param name="streams">The run's random numbers.</param>
    /// <param name="epoch">Which epoch.</param>
    public EpochOrder(int images, int items, int batchSize, RandomStreams streams, int epoch)
    {
        int count = items == 0 ? images : items;
        order = new long[count];
        for (int filled = 0, pass = 0; filled < count; filled += images, pass++)
        {
            using Generator rng = streams.Create("epoch order", epoch, pass);
            using Tensor permutation = randperm(images, ScalarType.Int64, CPU, generator: rng);
            permutation.data<long>().ToArray().AsSpan(0, Math.Min(images, count - filled)).CopyTo(order.AsSpan(filled));
        }

        Steps = StepsPerEpoch(images, items, batchSize);
    }

    /// <summary>Number of steps in the epoch.</summary>
    public int Steps { get; }

    /// <summary>Steps of an epoch.</summary>
    public static int StepsPerEpoch(int images, int items, int batchSize) => ((items == 0 ? images : items) + batchSize - 1) / batchSize;

    /// <summary>The images of one step.</summary>
    public ReadOnlySpan<long> Batch(int step)
    {
        int start = (int)((long)step * order.Length / Steps);
        int end = (int)((long)(step + 1) * order.Length / Steps);
        return order.AsSpan(start, end - start);
    }
}
