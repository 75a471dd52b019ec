using CobraAD.Detection;

namespace CobraAD.Methods.Tiles;

/// <summary>
/// Where the tiles of an image lie: along each side as few as overlap enough, evenly spread from one edge to the other, so that no pixel is
/// left out and none is made up.
/// </summary>
internal static class TileGrid
{
    /// <summary>All places, row by row.</summary>
    /// <param name="height">Height of the images.</param>
    /// <param name="width">Width of the images.</param>
    /// <param name="options">Size and overlap of tiles, which fit the images.</param>
    public static IReadOnlyList<(int Top, int Left)> Of(int height, int width, TileOptions options)
    {
        options.RequireFit(height, width);
        int[] columns = Starts(width, options);
        return [.. Starts(height, options).SelectMany(top => columns.Select(left => (top, left)))];
    }

    private static int[] Starts(int length, TileOptions options)
    {
        int room = length - options.Size;
        int count = 1 + (int)Math.Ceiling(room / Math.Max(1, options.Size * (1 - options.Overlap)));
        return [.. Enumerable.Range(0, count).Select(i => count == 1 ? 0 : (int)Math.Round((double)i * room / (count - 1)))];
    }
}
