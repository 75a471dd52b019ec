namespace CobraAD.Datasets.Survey;

/// <summary>What a picture's grey values say about how it was taken.</summary>
/// <param name="Brightness">Mean grey level, 0 to 255.</param>
/// <param name="Contrast">Standard deviation of the grey levels, 0 to 127.5.</param>
/// <param name="Clipped">Share of the pixels that are black (at most 2) or white (at least 253): there the exposure has lost what was to be seen.</param>
/// <param name="Sharpness">
/// ln of the mean square of the Laplacian over the variance: how much of what varies does so from one pixel to the next. A picture out of focus has
/// less, whatever its exposure. Pictures without contrast have <see cref="NoContrast"/>.
/// </param>
/// <param name="IsGrey">Whether red, green and blue are equal everywhere.</param>
internal sealed record PictureMeasures(double Brightness, double Contrast, double Clipped, double Sharpness, bool IsGrey)
{
    /// <summary>The sharpness of a picture that is the same everywhere.</summary>
    public const double NoContrast = -30;

    private const int Black = 2;
    private const int White = 253;

    /// <summary>Measures a picture; one pass over its pixels.</summary>
    /// <param name="pixels">[3, height, width].</param>
    /// <param name="width">Width in pixels.</param>
    /// <param name="height">Height in pixels.</param>
    public static PictureMeasures Of(ReadOnlySpan<byte> pixels, int width, int height)
    {
        int area = width * height;
        ReadOnlySpan<byte> red = pixels[..area], green = pixels.Slice(area, area), blue = pixels.Slice(2 * area, area);
        bool isGrey = red.SequenceEqual(green) && red.SequenceEqual(blue);
        // Sums of red, green and blue, 0 to 765: whole numbers, which add up without rounding.
        int[] above = new int[width], here = new int[width], below = new int[width];
        long sum = 0, squares = 0, edges = 0, clipped = 0;
        Fill(red, green, blue, 0, below);
        for (int y = 0; y < height; y++)
        {
            (above, here, below) = (here, below, above);
            if (y + 1 < height) Fill(red, green, blue, (y + 1) * width, below);
            for (int x = 0; x < width; x++)
            {
                int value = here[x];
                sum += value;
                squares += (long)value * value;
                if (value <= 3 * Black || value >= 3 * White) clipped++;
                if (y == 0 || y + 1 == height || x == 0 || x + 1 == width) continue;
                long laplacian = above[x] + below[x] + here[x - 1] + here[x + 1] - 4 * value;
                edges += laplacian * laplacian;
            }
        }

        double mean = (double)sum / area, variance = Math.Max(0, (double)squares / area - mean * mean);
        double inside = Math.Max(1, (double)(width - 2) * (height - 2));
        double sharpness = variance < 1e-9 || edges == 0 ? NoContrast : Math.Log(edges / inside / variance);
        return new PictureMeasures(mean / 3, Math.Sqrt(variance) / 3, (double)clipped / area, sharpness, isGrey);
    }

    private static void Fill(ReadOnlySpan<byte> red, ReadOnlySpan<byte> green, ReadOnlySpan<byte> blue, int start, int[] row)
    {
        for (int x = 0; x < row.Length; x++) row[x] = red[start + x] + green[start + x] + blue[start + x];
    }
}
