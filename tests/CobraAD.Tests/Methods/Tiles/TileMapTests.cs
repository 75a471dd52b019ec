using CobraAD.Detection;
using CobraAD.Methods.Tiles;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Methods.Tiles;

public sealed class TileMapTests
{
    private static readonly TileOptions Options = new() { Size = 32, Overlap = 0.25 };

    [Fact]
    public void Shares_of_a_pixel_sum_to_one_so_that_equal_tiles_make_a_flat_map()
    {
        using DisposeScope scope = NewDisposeScope();
        IReadOnlyList<(int Top, int Left)> places = TileGrid.Of(96, 64, Options);

        Tensor map = new TileMap(96, 64, Options, places).Of(full([2, places.Count], 3.0, ScalarType.Float64));

        Assert.Equal([2L, 96, 64], map.shape);
        TensorAssert.Close(full_like(map, Math.Log(1 + Math.Exp(3))), map, 1e-5);
    }

    [Fact]
    public void It_is_largest_where_the_unusual_tile_lies_and_empty_where_nobody_looks()
    {
        using DisposeScope scope = NewDisposeScope();
        IReadOnlyList<(int Top, int Left)> places = [.. TileGrid.Of(96, 96, Options).Where(place => place.Left > 0)];
        int unusual = places.ToList().IndexOf((21, 43));
        Tensor scores = full([1, places.Count], -50.0, ScalarType.Float64);
        scores[0, unusual] = 40;

        Tensor map = new TileMap(96, 96, Options, places).Of(scores).squeeze(0);

        long peak = map.argmax().item<long>();
        Assert.InRange(peak / 96, 21 + 8, 21 + 23);
        Assert.InRange(peak % 96, 43 + 8, 43 + 23);
        Assert.Equal(0, map.narrow(1, 0, 20).abs().amax().item<float>(), 1e-6);
        Assert.Equal(0, map.narrow(0, 60, 36).abs().amax().item<float>(), 1e-6);
    }

    [Fact]
    public void The_detector_s_map_points_to_the_spot()
    {
        using TiledPlates plates = new();
        using DisposeScope scope = NewDisposeScope();
        Tensor images = plates.Defective.Batch(0, plates.Defective.Count);
        Tensor maps = plates.Detector.HeatMap(images);
        int hits = 0;
        for (int i = 0; i < plates.Defective.Count; i++)
        {
            // The spot is the darkest part of the plate.
            long spot = images[i][0].narrow(1, 40, 56).argmin().item<long>(), peak = maps[i].argmax().item<long>();
            if (Math.Abs(spot / 56 - peak / 96) <= 32 && Math.Abs(spot % 56 + 40 - peak % 96) <= 32) hits++;
        }

        Assert.InRange(hits, 8, 10);
    }
}
