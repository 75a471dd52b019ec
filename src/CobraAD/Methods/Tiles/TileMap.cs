using CobraAD.Detection;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Methods.Tiles;

/// <summary>
/// From what tiles say to a map of the image. Along each side a pixel belongs to the tiles that cover it, most to the one in whose middle it
/// lies, in shares that sum to 1: M = Rᵀ E C with the tiles' evidence E [rows of tiles, columns of tiles].
/// </summary>
/// <remarks>
/// E is log(1 + exp z): how unusual a tile is, never negative, and 0 where tiles are left out. A product of two thin matrices is all it
/// takes, in an exported model too.
/// </remarks>
/// <param name="height">Height of the images.</param>
/// <param name="width">Width of the images.</param>
/// <param name="options">How they are divided.</param>
/// <param name="places">The tiles that are looked at.</param>
internal sealed class TileMap(int height, int width, TileOptions options, IReadOnlyList<(int Top, int Left)> places)
{
    private readonly int[] tops = [.. TileGrid.Of(height, width, options).Select(place => place.Top).Distinct()];
    private readonly int[] lefts = [.. TileGrid.Of(height, width, options).Select(place => place.Left).Distinct()];

    /// <summary>Rows of tiles.</summary>
    public int Rows => tops.Length;

    /// <summary>Columns of tiles.</summary>
    public int Columns => lefts.Length;

    /// <summary>Where each tile that is looked at lies among all tiles, counted row by row.</summary>
    public long[] Cells => [.. places.Select(place => (long)Array.IndexOf(tops, place.Top) * lefts.Length + Array.IndexOf(lefts, place.Left))];

    /// <summary>R: shares of every row of pixels in the rows of tiles, [rows of tiles][height].</summary>
    public float[][] RowShares => Shares(tops, height);

    /// <summary>C: shares of every column of pixels, [columns of tiles][width].</summary>
    public float[][] ColumnShares => Shares(lefts, width);

    /// <summary>The map of standardised scores [B, places]: float32 [B, height, width]; the caller disposes it.</summary>
    public Tensor Of(Tensor standardized)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor evidence = nn.functional.softplus(standardized.detach()).to(ScalarType.Float32);
        Tensor all = zeros(evidence.size(0), Rows * Columns, device: evidence.device);
        all.index_copy_(1, tensor(Cells, device: evidence.device), evidence);
        Tensor rows = Matrix(RowShares, height).to(evidence.device), columns = Matrix(ColumnShares, width).to(evidence.device);
        List<Tensor> maps = [];
        for (long i = 0; i < evidence.size(0); i++) maps.Add(rows.t().mm(all[i].view(Rows, Columns)).mm(columns));
        return stack(maps).MoveToOuterDisposeScope();
    }

    private static Tensor Matrix(float[][] rows, int length) => tensor(rows.SelectMany(row => row).ToArray()).view(rows.Length, length);

    /// <summary>A tent over every tile, highest in its middle; what tents cover a pixel, in shares.</summary>
    private float[][] Shares(int[] starts, int length)
    {
        double half = options.Size / 2.0;
        double[][] tents = [.. starts.Select(start => Enumerable.Range(0, length).Select(i => Math.Max(0, half - Math.Abs(i + 0.5 - start - half))).ToArray())];
        double[] sums = [.. Enumerable.Range(0, length).Select(i => tents.Sum(tent => tent[i]))];
        return [.. tents.Select(tent => tent.Zip(sums, (value, sum) => (float)(value / sum)).ToArray())];
    }
}
