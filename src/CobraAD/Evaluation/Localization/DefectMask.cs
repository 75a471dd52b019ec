using CobraAD.Imaging;
using CobraAD.Serialization;

namespace CobraAD.Evaluation.Localization;

/// <summary>Where an image is defective, at the size of a map, divided into connected regions.</summary>
/// <param name="Regions">For each pixel, row by row, 0, or the number of its region, from 1.</param>
/// <param name="Sizes">Pixels of each region.</param>
internal sealed record DefectMask(int[] Regions, IReadOnlyList<int> Sizes)
{
    /// <summary>The mask of an image without defects.</summary>
    public static DefectMask None(int width, int height) => new(new int[width * height], []);

    /// <summary>
    /// Reads a mask: what is brighter than half, once it is framed as the images are, is a defect, and nothing is where they show nothing. A mask without anything as bright as
    /// that numbers its defects from 1, as VisA's do: there everything but 0 is one.
    /// </summary>
    /// <param name="path">The mask.</param>
    /// <param name="width">Width of the images as they are scored.</param>
    /// <param name="height">Their height.</param>
    /// <param name="framing">How the images were made of pictures; <see langword="null"/> where they were only resized.</param>
    /// <param name="image">The image's file, where there is one: its mask has as many pixels.</param>
    /// <exception cref="ImageReadException">The file cannot be read.</exception>
    /// <exception cref="InvalidDataException">The mask has another size than its image, or no room for the region of interest.</exception>
    public static DefectMask Read(string path, int width, int height, Framing? framing, string? image = null)
    {
        RgbImage mask = new ImageReader().Read(path);
        if (image is not null && File.Exists(image) && new ImageReader().Read(image) is var whole && (whole.Width, whole.Height) != (mask.Width, mask.Height))
        {
            throw new InvalidDataException(
                $"The mask '{path}' has {mask.Width} × {mask.Height} pixels, its image '{image}' {whole.Width} × {whole.Height}. A mask shows its image pixel by pixel: put the right one there, or remove it, and the image is left out.");
        }

        if (!mask.Pixels.Span.ContainsAnyInRange((byte)128, (byte)255))
        {
            byte[] bright = new byte[mask.Pixels.Length];
            for (int i = 0; i < bright.Length; i++) bright[i] = mask.Pixels.Span[i] == 0 ? (byte)0 : (byte)255;
            mask = new RgbImage(mask.Width, mask.Height, bright);
        }

        byte[] placed = new byte[3 * width * height];
        try
        {
            mask.PlaceInto(placed, width, height, Placements.Of(framing).OfMarks);
        }
        catch (DecodeException exception)
        {
            throw new InvalidDataException($"The mask '{path}' does not go with the model: {exception.Message}", exception);
        }

        return Of(placed.AsSpan(0, width * height), width, height);
    }

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
