using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Tests.Methods.Tiles;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Datasets;

public sealed class TilePixelsTests
{
    [Fact]
    public void A_tile_is_the_part_of_its_image()
    {
        using DisposeScope scope = NewDisposeScope();
        using ImageSet images = LargeParts.Defective(3, 1);
        using ImageSet tiles = images.Tiles(32, [new TilePlace(2, 5, 40), new TilePlace(0, 64, 64)]);
        using ImageSet second = tiles.Subset([1]);

        TensorAssert.SameBits(images.Batch(2, 1).narrow(2, 5, 32).narrow(3, 40, 32), tiles.Batch(0, 1));
        TensorAssert.SameBits(images.Batch(0, 1).narrow(2, 64, 32).narrow(3, 64, 32), second.Batch(0, 1));
        Assert.Equal((2, 32, 32), (tiles.Count, tiles.Height, tiles.Width));
        Assert.Equal(["bad 2@40,5", "bad 0@64,64"], tiles.Sources);
        Assert.Equal([2, 0], tiles.Origins);
        Assert.Equal(tiles.InterleavedPixels(1), second.InterleavedPixels(0));
        Assert.NotEqual(tiles.Fingerprint, second.Fingerprint);
        Assert.Null(tiles.Describe().Marks);
        Assert.Null(images.Origins);
    }

    [Fact]
    public void Tiles_of_one_image_are_kept_out_together()
    {
        using ImageSet images = LargeParts.Good(12, 1);
        using ImageSet tiles = images.Tiles(32, [.. Enumerable.Range(0, 12).SelectMany(image => Enumerable.Range(0, 9).Select(i => new TilePlace(image, 8 * i, 8 * i)))]);

        using CalibrationSplit split = new(tiles, new CalibrationOptions { Minimum = 20 }, seed: 1);

        Assert.Equal(27, split.HeldOut!.Count);
        Assert.Equal(81, split.Training.Count);
        Assert.Empty(split.HeldOut.Origins!.Intersect(split.Training.Origins!));
    }
}
