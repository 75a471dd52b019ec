using SkiaSharp;

namespace CobraAD.Benchmarks.Parts;

/// <summary>
/// Draws large parts with small defects in MVTec's layout, with masks: brushed plates with four holes, a ring and a mark, which lie alike but
/// for two pixels and under a light that varies. A defect is a spot or a scratch that fits into a square of a dozen pixels, darker or brighter than
/// the metal by 30 to 50 grey levels.
/// </summary>
/// <param name="side">Side of the images in pixels.</param>
/// <param name="defect">Side of a defect in pixels.</param>
/// <param name="seed">Of everything drawn.</param>
internal sealed class LargeParts(int side, int defect, int seed)
{
    private readonly Random rng = new(seed);

    /// <summary>Writes train/good, test/good, test/spot and ground_truth/spot.</summary>
    public void Write(string folder, int train, int good, int defective)
    {
        for (int i = 0; i < train; i++) Save(Draw(), Path.Combine(folder, "train", "good", $"{i:000}.png"));
        for (int i = 0; i < good; i++) Save(Draw(), Path.Combine(folder, "test", "good", $"{i:000}.png"));
        for (int i = 0; i < defective; i++)
        {
            (byte[] part, byte[] mask) = (Draw(), new byte[side * side]);
            Damage(part, mask);
            Save(part, Path.Combine(folder, "test", "spot", $"{i:000}.png"));
            Save(mask, Path.Combine(folder, "ground_truth", "spot", $"{i:000}_mask.png"));
        }
    }

    private byte[] Draw()
    {
        byte[] part = new byte[side * side];
        double shiftX = rng.NextDouble() * 4 - 2, shiftY = rng.NextDouble() * 4 - 2, light = 130 + rng.NextDouble() * 16, slope = rng.NextDouble() * 16 - 8;
        double[] brush = [.. Enumerable.Range(0, side).Select(_ => 7 * (rng.NextDouble() - 0.5))];
        for (int y = 0; y < side; y++)
        {
            for (int x = 0; x < side; x++)
            {
                double u = (x - shiftX) / side - 0.5, v = (y - shiftY) / side - 0.5;
                part[y * side + x] = (byte)Math.Clamp(Math.Abs(u) > 0.44 || Math.Abs(v) > 0.44 ? 8 + rng.Next(3) : light + slope * u + brush[y] + Shape(u, v) + rng.Next(-5, 6), 0, 255);
            }
        }

        return part;
    }

    /// <summary>Holes, a ring and a mark.</summary>
    private static double Shape(double u, double v)
    {
        double hole = Math.Sqrt(Math.Pow(Math.Abs(u) - 0.32, 2) + Math.Pow(Math.Abs(v) - 0.32, 2)), radius = Math.Sqrt(u * u + v * v);
        if (hole < 0.04) return -90;
        if (Math.Abs(radius - 0.2) < 0.015) return 40;
        return Math.Abs(u) < 0.06 && Math.Abs(v) < 0.02 ? -50 : 0;
    }

    private void Damage(byte[] part, byte[] mask)
    {
        int left, top;
        do
        {
            (left, top) = (rng.Next(side / 12, side - side / 12 - defect), rng.Next(side / 12, side - side / 12 - defect));
        }
        while (part[(top + defect / 2) * side + left + defect / 2] < 70);
        bool isScratch = rng.Next(2) == 0;
        int contrast = (30 + rng.Next(21)) * (rng.Next(2) == 0 ? 1 : -1);
        for (int y = 0; y < defect; y++)
        {
            for (int x = 0; x < defect; x++)
            {
                bool inside = isScratch ? Math.Abs(x - y) <= 1 : Math.Pow(x - (defect - 1) / 2.0, 2) + Math.Pow(y - (defect - 1) / 2.0, 2) <= defect * defect / 4.0;
                if (!inside) continue;
                int place = (top + y) * side + left + x;
                part[place] = (byte)Math.Clamp(part[place] + contrast, 0, 255);
                mask[place] = 255;
            }
        }
    }

    private void Save(byte[] grey, string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using SKBitmap bitmap = new(new SKImageInfo(side, side, SKColorType.Gray8, SKAlphaType.Opaque));
        grey.CopyTo(bitmap.GetPixelSpan());
        using SKData png = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        File.WriteAllBytes(path, png.ToArray());
    }
}
