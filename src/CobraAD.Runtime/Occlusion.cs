namespace CobraAD.Runtime;

/// <summary>
/// Hides one square after another behind the image's mean colour. Where hiding lowers the score, the hidden pixels raised it; a pixel's
/// heat is the mean fall over the squares that cover it, averaged over the sizes (Zeiler and Fergus, 2014).
/// </summary>
internal sealed class Occlusion(ScoringLane lane, int width, int height, int batch)
{
    private readonly byte[] image = lane.Image(0).ToArray();

    public float[] Map(double score, HeatMapOptions options, CancellationToken cancellation)
    {
        (byte red, byte green, byte blue) = MeanColor();
        float[] heat = new float[width * height];
        foreach (double share in options.PatchSizes)
        {
            int patchWidth = Math.Max(1, (int)Math.Round(share * width));
            int patchHeight = Math.Max(1, (int)Math.Round(share * height));
            (int X, int Y)[] corners =
            [
                .. from y in Positions(height, patchHeight, options.Step)
                   from x in Positions(width, patchWidth, options.Step)
                   select (x, y),
            ];
            float[] fall = new float[heat.Length];
            int[] covered = new int[heat.Length];
            for (int first = 0; first < corners.Length; first += batch)
            {
                cancellation.ThrowIfCancellationRequested();
                int count = Math.Min(batch, corners.Length - first);
                for (int slot = 0; slot < count; slot++)
                {
                    Span<byte> hidden = lane.Image(slot);
                    image.CopyTo(hidden);
                    ForEachPixel(corners[first + slot], i => (lane.Image(slot)[3 * i], lane.Image(slot)[3 * i + 1], lane.Image(slot)[3 * i + 2]) = (red, green, blue));
                }

                lane.Run(count);
                for (int slot = 0; slot < count; slot++)
                {
                    float drop = (float)(score - lane.Scores[slot]);
                    ForEachPixel(corners[first + slot], i =>
                    {
                        fall[i] += drop;
                        covered[i]++;
                    });
                }
            }

            for (int i = 0; i < heat.Length; i++) heat[i] += fall[i] / covered[i] / options.PatchSizes.Count;

            void ForEachPixel((int X, int Y) corner, Action<int> action)
            {
                for (int y = corner.Y; y < corner.Y + patchHeight; y++)
                    for (int x = corner.X; x < corner.X + patchWidth; x++) action(y * width + x);
            }
        }

        return heat;
    }

    /// <summary>Starts of squares along one axis: regular steps, and one flush with the end, so that every pixel is covered.</summary>
    private static IEnumerable<int> Positions(int size, int patch, double step)
    {
        int stride = Math.Max(1, (int)(patch * step));
        for (int start = 0; start < size - patch; start += stride) yield return start;
        yield return size - patch;
    }

    private (byte Red, byte Green, byte Blue) MeanColor()
    {
        long red = 0, green = 0, blue = 0;
        for (int i = 0; i < image.Length; i += 3) (red, green, blue) = (red + image[i], green + image[i + 1], blue + image[i + 2]);
        long count = image.Length / 3;
        return ((byte)(red / count), (byte)(green / count), (byte)(blue / count));
    }
}
