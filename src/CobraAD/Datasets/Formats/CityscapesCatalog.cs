using CobraAD.Imaging;

namespace CobraAD.Datasets.Formats;

/// <summary>
/// Cityscapes as patches: leftImg8bit and gtFine with their official parts. Every image is cut into squares of 256 pixels from its upper
/// left corner; a patch is anomalous when its label map has a motorcycle, person, rider, traffic sign, traffic light or bicycle (paper,
/// appendix L; decision D39). Normal patches of "train" are for training, all patches of "val" for the test.
/// </summary>
internal static class CityscapesCatalog
{
    internal const int Patch = 256;

    private const string Anomaly = "road user or sign";

    /// <summary>labelIds of traffic light, traffic sign, person, rider, motorcycle, bicycle.</summary>
    private static readonly byte[] Anomalous = [19, 20, 24, 25, 32, 33];

    public static bool IsIn(string folder) => Directory.Exists(Path.Combine(folder, "leftImg8bit")) && Directory.Exists(Path.Combine(folder, "gtFine"));

    public static Catalog Open(string folder, string name, ImageReader reader)
    {
        CatalogItem[] items = [.. Read(folder, "train", CatalogPart.Train, reader), .. Read(folder, "val", CatalogPart.Test, reader)];
        return items.Length > 0 ? new Catalog(name, DatasetLayout.Cityscapes, items, [Catalog.Good, Anomaly]) : throw new DatasetException($"'{folder}' holds no images of {Patch} pixels and more in leftImg8bit/train and leftImg8bit/val.");
    }

    private static IEnumerable<CatalogItem> Read(string folder, string partName, CatalogPart part, ImageReader reader)
    {
        string root = Path.Combine(folder, "leftImg8bit", partName);
        if (!Directory.Exists(root)) throw new DatasetException($"'{root}' is missing.");
        foreach (string path in ImageFiles.InFolder(root))
        {
            string labels = Path.Combine(folder, "gtFine", partName, Path.GetRelativePath(root, path)).Replace("_leftImg8bit.png", "_gtFine_labelIds.png", StringComparison.Ordinal);
            if (!File.Exists(labels)) throw new DatasetException($"'{labels}' is missing, the label map of '{path}'.");
            RgbImage map = ReadMap(labels, reader);
            for (int top = 0; top + Patch <= map.Height; top += Patch)
            {
                for (int left = 0; left + Patch <= map.Width; left += Patch)
                {
                    (int x, int y) = (left, top);
                    yield return new CatalogItem($"{path}#{x},{y}", HasAnomaly(map, x, y) ? Anomaly : Catalog.Good, part, r => Cut(r.Read(path), x, y)) { File = path };
                }
            }
        }
    }

    private static RgbImage ReadMap(string labels, ImageReader reader)
    {
        try
        {
            return reader.Read(labels);
        }
        catch (ImageReadException exception)
        {
            throw new DatasetException($"{exception.Message} It is a label map, without which its image cannot be told to be normal.", exception);
        }
    }

    private static bool HasAnomaly(RgbImage map, int left, int top)
    {
        for (int row = top; row < top + Patch; row++)
        {
            if (map.Pixels.Span.Slice(row * map.Width + left, Patch).IndexOfAny(Anomalous) >= 0) return true;
        }

        return false;
    }

    private static RgbImage Cut(RgbImage image, int left, int top)
    {
        if (image.Width < left + Patch || image.Height < top + Patch)
            throw new DatasetException($"An image of {image.Width} × {image.Height} pixels is smaller than its label map; the patch at {left}, {top} is outside it. Get the data set again.");
        byte[] pixels = new byte[3 * Patch * Patch];
        for (int channel = 0; channel < 3; channel++)
        {
            for (int row = 0; row < Patch; row++)
                image.Pixels.Span.Slice((channel * image.Height + top + row) * image.Width + left, Patch).CopyTo(pixels.AsSpan((channel * Patch + row) * Patch));
        }

        return new RgbImage(Patch, Patch, pixels);
    }
}
