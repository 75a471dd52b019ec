using static TorchSharp.torch;

namespace CobraAD.Transforms.Hard;

/// <summary>Swaps the halves of each image: left with right, top with bottom, or both (CSI's alternative shift).</summary>
public sealed record HalfSwap : IImageTransform
{
    /// <inheritdoc/>
    public string Name => "half-swap";

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">A side is odd.</exception>
    public Tensor Apply(Tensor images, Generator rng)
    {
        using var scope = NewDisposeScope();
        return Apply(images, RandomDraw.Below(rng, images.size(0), 3) + 1).MoveToOuterDisposeScope();
    }

    /// <summary>Bit 0 of <paramref name="swaps"/>[b] swaps left with right, bit 1 top with bottom.</summary>
    internal static Tensor Apply(Tensor images, Tensor swaps)
    {
        long height = images.size(2), width = images.size(3);
        if (height % 2 != 0 || width % 2 != 0)
            throw new ArgumentException($"Halves can be swapped in images with even sides, found {height} × {width}; resize them first.", nameof(images));

        using var scope = NewDisposeScope();
        Tensor swap = PixelMap.PerImage(swaps, images);
        Tensor rows = (PixelMap.Rows(images) + swap.div(2, RoundingMode.floor) * (height / 2)).remainder(height);
        Tensor columns = (PixelMap.Columns(images) + swap.remainder(2) * (width / 2)).remainder(width);
        return PixelMap.Gather(images, rows, columns).MoveToOuterDisposeScope();
    }
}
