using static TorchSharp.torch;

namespace CobraAD.PseudoAnomalies.Generative;

/// <summary>
/// The size at which a generator works: that of the images, or, where a side is longer than the generator's largest, the images shrunk to
/// it. Networks that halve their maps need sides that are multiples of a power of two: the images are padded to it by repeating their
/// borders, and what is made is cropped, so nothing is resampled that need not be.
/// </summary>
/// <param name="Height">Of the images that are learnt and made.</param>
/// <param name="Width">Of the images that are learnt and made.</param>
/// <param name="Multiple">What the network's sides are multiples of.</param>
internal sealed record WorkingSize(int Height, int Width, int Multiple)
{
    /// <summary>Below this a network that halves its maps has nothing left to look at.</summary>
    public const int Smallest = 8;

    public int PaddedHeight => (Height + Multiple - 1) / Multiple * Multiple;

    public int PaddedWidth => (Width + Multiple - 1) / Multiple * Multiple;

    private long Top => (PaddedHeight - Height) / 2;

    private long Left => (PaddedWidth - Width) / 2;

    /// <summary>The working size for images of a size.</summary>
    /// <exception cref="ArgumentException">A side would be shorter than <see cref="Smallest"/>.</exception>
    public static WorkingSize For(int height, int width, int largestSide, int multiple)
    {
        double scale = Math.Min(1, (double)largestSide / Math.Max(height, width));
        WorkingSize size = new((int)Math.Round(scale * height), (int)Math.Round(scale * width), multiple);
        if (Math.Min(size.Height, size.Width) < Smallest)
        {
            throw new ArgumentException(
                $"A generator needs images of at least {Smallest} × {Smallest} pixels, found {width} × {height}{(scale < 1 ? $", {size.Width} × {size.Height} at the largest side of {largestSide}" : "")}. Use larger images, or another anomaly source.");
        }

        return size;
    }

    /// <summary>Images [B, C, any, any] at the working size, shrunk by averaging areas; the caller disposes them.</summary>
    public Tensor Shrink(Tensor images) =>
        images.size(2) == Height && images.size(3) == Width ? images.alias() : nn.functional.adaptive_avg_pool2d(images, [Height, Width]);

    /// <summary>Images of the working size with the network's sides; the caller disposes them.</summary>
    public Tensor Pad(Tensor images) => PaddedHeight == Height && PaddedWidth == Width
        ? images.alias()
        : nn.functional.pad(images, [Left, PaddedWidth - Width - Left, Top, PaddedHeight - Height - Top], TorchSharp.PaddingModes.Replicate);

    /// <summary>Images of the network's sides at the working size; the caller disposes them.</summary>
    public Tensor Crop(Tensor padded) => padded.narrow(2, Top, Height).narrow(3, Left, Width);
}
