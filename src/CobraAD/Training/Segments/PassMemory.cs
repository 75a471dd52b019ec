using CobraAD.Datasets;
using CobraAD.Networks.Residual;

namespace CobraAD.Training.Segments;

/// <summary>How much memory a training takes.</summary>
/// <remarks>Estimates from the options alone: what is really free would make the parts, and with them the result, depend on the machine.</remarks>
internal static class PassMemory
{
    /// <summary>Two light views and the attacked image, of every normal image and its pseudo-anomaly.</summary>
    private const int RowsOfEachImage = 6;

    /// <summary>A convolution's output and its normalised form stay until the backward pass, which adds a map of its own for a while.</summary>
    private const int CopiesOfEachMap = 3;

    /// <summary>
    /// Tensors as large as the largest map of a part that <see cref="SegmentedBackward"/> works with: the map, normalised, pooled, their
    /// gradients and products (6), what oneDNN reorders for a convolution (3), and what malloc does not give back of as many again.
    /// </summary>
    private const int CopiesOfAPart = 12;

    /// <summary>Copies of a normal image that a step holds at once: image and pseudo-anomaly, their two light views and attacked selves, and all views in one tensor.</summary>
    private const int CopiesOfEachImage = 14;

    /// <summary>.NET, libtorch, and a ResNet-18 with its gradients and the optimiser's state.</summary>
    private const long Program = 512L << 20;

    /// <summary>Rows of one pass within a limit, or of one part of it; at least two.</summary>
    /// <param name="bytes">The limit of the whole process.</param>
    /// <param name="encoder">The network whose maps fill the memory.</param>
    /// <param name="images">The training images; those that are held as bytes in memory count.</param>
    /// <param name="batchSize">Normal images of a step.</param>
    public static int RowsWithin(long bytes, ResNet encoder, ImageSet images, int batchSize)
    {
        long image = 3L * images.Height * images.Width, rows = (long)RowsOfEachImage * batchSize;
        IReadOnlyList<SegmentSize> segments = encoder.SegmentSizes(images.Height, images.Width);
        long held = images.IsInMemory ? image * images.Count : 0;
        long maps = (bytes - Program - held) / sizeof(float) - CopiesOfEachImage * image * batchSize;
        long whole = maps / (CopiesOfEachMap * encoder.MapValues(images.Height, images.Width));
        if (whole >= rows) return (int)Math.Min(whole, int.MaxValue);

        // The attack goes through the whole network with as many rows as the step through a segment, so both have to fit.
        long largest = segments.Max(segment => segment.Maps.Max(branch => branch.DefaultIfEmpty().Max()));
        return (int)Math.Clamp(Math.Min(whole, (maps - rows * Kept(segments)) / (CopiesOfAPart * largest)), 2, int.MaxValue);
    }

    /// <summary>
    /// Numbers of one row that <see cref="SegmentedBackward"/> holds at most at once, on its way back: the inputs of the segments down
    /// to the one it is in, the gradient of that one's output, and either all maps of its path, each but the last with its
    /// activations, or the map of its shortcut and the gradient of its input.
    /// </summary>
    internal static long Kept(IReadOnlyList<SegmentSize> segments)
    {
        long inputs = 0, most = 0;
        for (int i = 0; i < segments.Count; i++)
        {
            (long input, IReadOnlyList<IReadOnlyList<long>> maps, long output) = segments[i];
            // The images are counted by themselves; here they stand for what the stem makes of them before it convolves.
            inputs = i == 1 ? input : inputs + input;
            long path = 2 * maps[0].Sum() - maps[0][^1], shortcut = maps.Skip(1).Sum(branch => branch.Sum()) + input;
            most = Math.Max(most, inputs + output + Math.Max(path, shortcut));
        }

        return most;
    }
}
