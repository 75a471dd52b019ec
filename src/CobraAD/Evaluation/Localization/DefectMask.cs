using CobraAD.Imaging;

namespace CobraAD.Evaluation.Localization;

/// <summary>Where an image is defective, at the size of a map, divided into connected regions.</summary>
/// <param name="Regions">For each pixel, row by row, 0, or the number of its region, from 1.</param>
/// <param name="Sizes">Pixels of each region.</param>
internal sealed record DefectMask(int[] Regions, IReadOnlyList<int> Sizes)
{
    /// <summary>The mask of an image without defects.</summary>
    public static DefectMask None(int width, int height) => new(new int[width * height], []);

    /// <summary>Reads a mask: what is brighter than half, once it is resized as the images are, is a defect.</summary>
    /// <exception cref="ImageReadException">The file cannot be read.</exception>
    public static DefectMask Read(string path, int width, int height) =>
        Of(new ImageReader().Read(path).Resize(width, height).Pixels.Span[..(width * height)], width, height);

    /// <summary>Divides a mask; pixels that touch by a corner are connected.</summary>
    public static DefectMask Of(ReadOnlySpan<byte> bright, int width, int height)
    {
        int[] regions = new int[width * height];
        List<int> sizes = [];
        Stack<int> open = [];
        for (int start = 0; start < regions.Length; start++)
        {
            if (bright[start] < 128 || regions[start] != 0) continue;
            sizes.Add(0);
            regions[start] = sizes.Count;
            open.Push(start);
            while (open.TryPop(out int pixel))
            {
                sizes[^1]++;
                (int row, int column) = Math.DivRem(pixel, width);
                for (int y = Math.Max(0, row - 1); y <= Math.Min(height - 1, row + 1); y++)
                {
                    for (int x = Math.Max(0, column - 1); x <= Math.Min(width - 1, column + 1); x++)
                    {
                        int neighbour = y * width + x;
                        if (bright[neighbour] < 128 || regions[neighbour] != 0) continue;
                        regions[neighbour] = sizes.Count;
                        open.Push(neighbour);
                    }
                }
            }
        }

        return new DefectMask(regions, sizes);
    }
}
