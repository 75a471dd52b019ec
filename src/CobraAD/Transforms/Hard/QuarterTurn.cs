using static TorchSharp.torch;

namespace CobraAD.Transforms.Hard;

/// <summary>Turns each image counter-clockwise by 90°, 180° or 270°, pixel by pixel (CSI's shift; decision D19). Needs square images.</summary>
internal sealed record QuarterTurn : IImageTransform
{
    /// <inheritdoc/>
    public string Name => "quarter-turn";

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The images are not square.</exception>
    public Tensor Apply(Tensor images, Generator rng)
    {
        using var scope = NewDisposeScope();
        return Apply(images, RandomDraw.Below(rng, images.size(0), 3) + 1).MoveToOuterDisposeScope();
    }

    /// <summary>Turns image b by <paramref name="turns"/>[b] · 90°.</summary>
    internal static Tensor Apply(Tensor images, Tensor turns)
    {
        long last = images.size(2) - 1;
        if (images.size(3) - 1 != last)
            throw new ArgumentException($"Quarter turns need square images, found {images.size(2)} × {images.size(3)}; crop or resize them first.", nameof(images));

        using var scope = NewDisposeScope();
        Tensor row = PixelMap.Rows(images), column = PixelMap.Columns(images), turn = PixelMap.PerImage(turns, images);
        // Counter-clockwise by 90° shows at (i, j) what was at (j, last - i); twice: (last - i, last - j); three times: (last - j, i).
        Tensor quarter = turn.remainder(2).eq(1);
        Tensor rows = where(turn.ge(2), last - where(quarter, column, row), where(quarter, column, row));
        Tensor columns = where(turn.eq(1) | turn.eq(2), last - where(quarter, row, column), where(quarter, row, column));
        return PixelMap.Gather(images, rows, columns).MoveToOuterDisposeScope();
    }
}
