using CobraAD.Datasets;
using CobraAD.Torch;
using static TorchSharp.torch;

namespace CobraAD.Detection;

/// <summary>
/// Good images divided into those to train on and those kept for the threshold, which holds for images that the detector has not seen.
/// Disposes the parts, not the whole.
/// </summary>
public sealed class CalibrationSplit : IDisposable
{
    private readonly bool isWhole;

    /// <summary>Divides the images; the same seed divides the same images alike.</summary>
    /// <param name="images">All good images; they must live as long as the split.</param>
    /// <param name="options">How many are kept.</param>
    /// <param name="seed">Decides which.</param>
    public CalibrationSplit(ImageSet images, CalibrationOptions options, long seed)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(options);
        int held = options.HeldOut(images.Count);
        isWhole = held == 0;
        Training = images;
        if (isWhole) return;
        using Generator rng = new RandomStreams(seed).Create("calibration split");
        if (images.Origins is { } origins)
        {
            DivideTiles(images, origins, held, rng);
            return;
        }

        int[] order = Permutation(images.Count, rng);
        Training = images.Subset([.. order.Skip(held).Order()]);
        HeldOut = images.Subset([.. order.Take(held).Order()]);
    }

    /// <summary>The images to train on.</summary>
    public ImageSet Training { get; private set; }

    /// <summary>The images kept for the threshold; <see langword="null"/> when there were too few to keep any.</summary>
    public ImageSet? HeldOut { get; private set; }

    /// <summary>Tiles of one image overlap: whole images are kept, until they have enough tiles.</summary>
    private void DivideTiles(ImageSet tiles, IReadOnlyList<int> origins, int held, Generator rng)
    {
        int[] images = [.. origins.Distinct()];
        HashSet<int> kept = [];
        int count = 0;
        // One image at least stays to train on.
        foreach (int image in Permutation(images.Length, rng).SkipLast(1).Select(i => images[i]).TakeWhile(_ => count < held))
        {
            kept.Add(image);
            count += origins.Count(origin => origin == image);
        }

        Training = tiles.Subset([.. Enumerable.Range(0, tiles.Count).Where(i => !kept.Contains(origins[i]))]);
        HeldOut = tiles.Subset([.. Enumerable.Range(0, tiles.Count).Where(i => kept.Contains(origins[i]))]);
    }

    private static int[] Permutation(int count, Generator rng)
    {
        using Tensor permutation = randperm(count, ScalarType.Int64, CPU, generator: rng);
        return [.. permutation.data<long>().Select(i => (int)i)];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (isWhole) return;
        Training.Dispose();
        HeldOut?.Dispose();
    }
}
