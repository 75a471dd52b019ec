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
        using Tensor permutation = randperm(images.Count, ScalarType.Int64, CPU, generator: rng);
        int[] order = [.. permutation.data<long>().Select(i => (int)i)];
        Training = images.Subset([.. order.Skip(held).Order()]);
        HeldOut = images.Subset([.. order.Take(held).Order()]);
    }

    /// <summary>The images to train on.</summary>
    public ImageSet Training { get; }

    /// <summary>The images kept for the threshold; <see langword="null"/> when there were too few to keep any.</summary>
    public ImageSet? HeldOut { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (isWhole) return;
        Training.Dispose();
        HeldOut?.Dispose();
    }
}
