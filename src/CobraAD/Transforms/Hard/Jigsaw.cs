using CobraAD.Validation;
using static TorchSharp.torch;

namespace CobraAD.Transforms.Hard;

/// <summary>Cuts the image into a square grid of tiles and puts them back in another order, never the original one (paper, appendix D.1).</summary>
internal sealed record Jigsaw : IImageTransform
{
    /// <summary>Tiles along each side.</summary>
    /// <value>2 by default, 2 to 8.</value>
    public int Grid { get; init; } = 2;

    /// <inheritdoc/>
    public string Name => "jigsaw";

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public void Validate() => OptionCheck.Require(Grid, 2, 8);

    /// <inheritdoc/>
    public Tensor Apply(Tensor images, Generator rng)
    {
        Validate();
        using var scope = NewDisposeScope();
        Tensor order = Orders(images.size(0), rng).to(images.device);

        (Tensor tileRow, Tensor offsetRow) = Tiles(PixelMap.Rows(images), images.size(2));
        (Tensor tileColumn, Tensor offsetColumn) = Tiles(PixelMap.Columns(images), images.size(3));
        Tensor tile = tileRow * Grid + tileColumn;
        Tensor source = order.gather(1, tile.reshape(1, -1).expand(images.size(0), tile.numel())).reshape(-1, images.size(2), images.size(3));
        Tensor rows = Pixel(source.div(Grid, RoundingMode.floor), offsetRow, images.size(2));
        Tensor columns = Pixel(source.remainder(Grid), offsetColumn, images.size(3));
        return PixelMap.Gather(images, rows, columns).MoveToOuterDisposeScope();
    }

    /// <summary>A uniformly drawn order of the tiles for each image, the original one excluded: int64 [B, Grid²].</summary>
    private Tensor Orders(long batch, Generator rng)
    {
        Tensor original = arange(Grid * Grid).unsqueeze(0);
        Tensor order = Draw();
        while (true)
        {
            Tensor unchanged = order.eq(original).all(1, keepdim: true);
            if (!unchanged.any().item<bool>()) return order;
            order = where(unchanged, Draw(), order);
        }

        Tensor Draw() => rand([batch, Grid * Grid], dtype: ScalarType.Float64, generator: rng).argsort(1);
    }

    private (Tensor Tile, Tensor Offset) Tiles(Tensor position, long side)
    {
        // Tile t covers the pixels from side * t / Grid on; sizes differ by at most one pixel when Grid does not divide the side.
        Tensor tile = ((position + 1) * Grid - 1).div(side, RoundingMode.floor);
        return (tile, position - Start(tile, side));
    }

    private Tensor Pixel(Tensor tile, Tensor offset, long side) => (Start(tile, side) + offset).minimum(Start(tile + 1, side) - 1);

    private Tensor Start(Tensor tile, long side) => (tile * side).div(Grid, RoundingMode.floor);
}
