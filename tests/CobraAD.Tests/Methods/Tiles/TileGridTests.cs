using CobraAD.Detection;
using CobraAD.Methods.Tiles;

namespace CobraAD.Tests.Methods.Tiles;

public sealed class TileGridTests
{
    [Theory]
    [InlineData(2000, 2000, 224, 0.25, 144)]
    [InlineData(96, 64, 32, 0, 6)]
    [InlineData(100, 64, 32, 0.5, 18)]
    [InlineData(32, 64, 32, 0.25, 3)]
    public void Tiles_reach_from_edge_to_edge_and_overlap_at_least_as_asked(int height, int width, int side, double overlap, int count)
    {
        IReadOnlyList<(int Top, int Left)> places = TileGrid.Of(height, width, new TileOptions { Size = side, Overlap = overlap });

        Assert.Equal(count, places.Distinct().Count());
        Check([.. places.Select(place => place.Top).Distinct()], height);
        Check([.. places.Select(place => place.Left).Distinct()], width);

        void Check(int[] starts, int length)
        {
            Assert.Equal(0, starts[0]);
            Assert.Equal(length, starts[^1] + side);
            Assert.All(starts.Zip(starts.Skip(1)), pair => Assert.InRange(pair.Second - pair.First, 1, side * (1 - overlap) + 0.5));
        }
    }

    [Theory]
    [InlineData(32, 64, 40)]
    [InlineData(64, 32, 40)]
    [InlineData(40, 40, 40)]
    public void Images_without_room_for_tiles_are_refused(int height, int width, int side)
    {
        ArgumentException refused = Assert.Throws<ArgumentException>(() => TileGrid.Of(height, width, new TileOptions { Size = side }));

        Assert.Contains($"A tile of {side} px", refused.Message, StringComparison.Ordinal);
        Assert.Contains("--image-size", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(30, 0.25, 0.02, 100, "Size")]
    [InlineData(8, 0.25, 0.02, 100, "Size")]
    [InlineData(2048, 0.25, 0.02, 100, "Size")]
    [InlineData(32, 0.8, 0.02, 100, "Overlap")]
    [InlineData(32, -0.1, 0.02, 100, "Overlap")]
    [InlineData(32, double.NaN, 0.02, 100, "Overlap")]
    [InlineData(32, 0.25, 0.6, 100, "Content")]
    [InlineData(32, 0.25, 0.02, 7, "MostTraining")]
    public void Options_outside_their_range_are_named(int side, double overlap, double content, int most, string option)
    {
        TileOptions options = new() { Size = side, Overlap = overlap, Content = content, MostTraining = most };

        Assert.Equal(option, Assert.Throws<ArgumentOutOfRangeException>(options.Validate).ParamName);
    }
}
