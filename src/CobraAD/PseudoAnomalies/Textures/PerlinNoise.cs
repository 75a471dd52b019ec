using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.PseudoAnomalies.Textures;

/// <summary>
/// Perlin's gradient noise (1985, with the fade curve 6t⁵ - 15t⁴ + 10t³ of 2002): a lattice of random unit vectors; at each place the products of the four
/// around it with the way from them, blended by the fade of the place within its cell. Times √2 it lies about in [-1, 1], and it is 0 on the lattice.
/// </summary>
internal static class PerlinNoise
{
    /// <summary>A field of noise; the caller disposes it.</summary>
    /// <param name="height">Rows.</param>
    /// <param name="width">Columns.</param>
    /// <param name="down">Cells of the lattice over the height.</param>
    /// <param name="across">Cells over the width.</param>
    /// <param name="rng">CPU generator of the vectors.</param>
    /// <returns>float32 [1, 1, height, width] on the CPU.</returns>
    public static Tensor Field(int height, int width, int down, int across, Generator rng)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor angle = rand([down + 1, across + 1], generator: rng) * (2 * Math.PI);
        return Of(angle, height, width).MoveToOuterDisposeScope();
    }

    /// <summary>The field of given directions [down + 1, across + 1], in radians from the x axis; the caller disposes it.</summary>
    internal static Tensor Of(Tensor angle, int height, int width)
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor row, Tensor y) = Cells(height, angle.size(0) - 1);
        (Tensor column, Tensor x) = Cells(width, angle.size(1) - 1);
        (y, x) = (y.unsqueeze(1), x.unsqueeze(0));
        Tensor horizontal = angle.cos(), vertical = angle.sin();
        Tensor top = lerp(Product(0, 0), Product(0, 1), Fade(x)), bottom = lerp(Product(1, 0), Product(1, 1), Fade(x));
        return (lerp(top, bottom, Fade(y)) * Math.Sqrt(2)).view(1, 1, height, width).MoveToOuterDisposeScope();

        Tensor Product(long below, long right) => At(horizontal, below, right) * (x - right) + At(vertical, below, right) * (y - below);

        Tensor At(Tensor values, long below, long right) => values.index_select(0, row + below).index_select(1, column + right);

        static Tensor lerp(Tensor from, Tensor to, Tensor share) => from + share * (to - from);
    }

    private static Tensor Fade(Tensor t) => t.pow(3) * (t * (t * 6 - 15) + 10);

    /// <summary>Of each pixel its cell, and where in the cell it lies, in [0, 1).</summary>
    private static (Tensor Cell, Tensor Place) Cells(int pixels, long cells)
    {
        Tensor position = arange(pixels, dtype: ScalarType.Float32) * ((double)cells / pixels);
        Tensor cell = position.floor();
        return (cell.to(ScalarType.Int64), position - cell);
    }
}
