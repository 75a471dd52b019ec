using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Datasets;

/// <summary>Tiles that are cut out of larger images when they are asked for, so that thousands of them take no memory of their own.</summary>
/// <param name="images">The images; not disposed.</param>
/// <param name="side">Side of a tile in pixels.</param>
/// <param name="places">Where each tile lies.</param>
internal sealed class TilePixels(ImageSet images, int side, IReadOnlyList<TilePlace> places) : IPixelStore
{
    private readonly int[] origins = [.. places.Select(place => place.Image)];

    public int Height => side;

    public int Width => side;

    public bool IsInMemory => images.IsInMemory;

    /// <summary>The image of each tile.</summary>
    public IReadOnlyList<int> Origins => origins;

    /// <summary>Whether the images that they are cut from have no colour.</summary>
    public bool AreGrey => images.AreGrey;

    public Tensor Take(ReadOnlySpan<long> indices)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor[] cut = new Tensor[indices.Length];
        for (int i = 0; i < cut.Length; i++)
        {
            TilePlace place = places[(int)indices[i]];
            cut[i] = images.View(place.Image).narrow(2, place.Top, side).narrow(3, place.Left, side);
        }

        return cat(cut).MoveToOuterDisposeScope();
    }

    public Tensor View(long index) => Take([index]);

    /// <summary>Some of these tiles, of the same images.</summary>
    public IPixelStore Subset(IReadOnlyList<int> indices) => new TilePixels(images, side, [.. indices.Select(i => places[i])]);

    /// <summary>The images belong to whoever had them cut.</summary>
    public void Dispose()
    {
    }
}
