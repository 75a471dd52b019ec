using CobraAD.Datasets;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Methods.Tiles;

/// <summary>Striped plates on a black ground, 96 px, whose left third is empty; a defect is a dark spot of 6 px.</summary>
internal static class LargeParts
{
    public const int Side = 96;

    public const int DefectSide = 6;

    /// <summary>Plates without defects.</summary>
    public static ImageSet Good(int count, long seed) => Draw(count, seed, withDefect: false);

    /// <summary>Plates with one spot each.</summary>
    public static ImageSet Defective(int count, long seed) => Draw(count, seed, withDefect: true);

    private static ImageSet Draw(int count, long seed, bool withDefect)
    {
        using DisposeScope scope = NewDisposeScope();
        Random rng = new((int)seed);
        byte[] pixels = new byte[count * 3 * Side * Side];
        for (int image = 0; image < count; image++)
        {
            (int top, int left) = (rng.Next(8, Side - 16), rng.Next(40, Side - 16));
            double phase = rng.NextDouble() * 6;
            for (int y = 0; y < Side; y++)
            {
                for (int x = 0; x < Side; x++)
                {
                    double value = x < 33 ? 10 : 150 + 40 * Math.Sin(x * 0.5 + phase) + rng.Next(-6, 7);
                    if (withDefect && y >= top && y < top + DefectSide && x >= left && x < left + DefectSide) value = 20;
                    for (int channel = 0; channel < 3; channel++) pixels[((image * 3 + channel) * Side + y) * Side + x] = (byte)value;
                }
            }
        }

        return new ImageSet($"plates {seed}", tensor(pixels, ScalarType.Byte).view(count, 3, Side, Side), [.. Enumerable.Range(0, count).Select(i => $"{(withDefect ? "bad" : "good")} {i}")]);
    }
}
