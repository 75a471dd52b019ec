using System.Buffers.Binary;
using System.IO.Compression;

namespace CobraAD.Datasets.Formats;

/// <summary>
/// MNIST's file format. Images: the number 0x00000803, then count, rows and columns (32 bit, big-endian), then a byte for each pixel.
/// Labels: 0x00000801, the count, then a byte for each label. Either may be gzipped.
/// </summary>
internal static class IdxCatalog
{
    private const int ImageMagic = 0x0803;
    private const int LabelMagic = 0x0801;

    /// <summary>What an image takes beside its pixels: its name, its class, the object.</summary>
    private const int BytesBesidePixels = 300;

    /// <summary>Images do not shrink to a hundredth; a small file that claims more than this and that is no data set.</summary>
    private const long AlwaysAllowed = 256L << 20, LargestRatio = 100;

    public static bool IsIn(string folder) => FindImageFiles(folder).Count > 0;

    /// <summary>The files of images in a folder, by MNIST's names.</summary>
    private static IReadOnlyList<string> FindImageFiles(string folder) =>
        [.. Directory.EnumerateFiles(folder)
            .Where(path => Path.GetFileName(path) is var name && name.Contains("images", StringComparison.Ordinal) && name.Contains("idx3", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)];

    public static Catalog Open(string folder, string name, CatalogLimits limits)
    {
        IReadOnlyList<string> files = FindImageFiles(folder);
        if (files.Count == 0)
            throw new DatasetException($"No IDX files are in '{folder}': expected names like train-images-idx3-ubyte.gz with train-labels-idx1-ubyte.gz beside it.");

        return Combine(name, files.Select(images =>
        {
            string imageName = Path.GetFileName(images);
            string labelName = imageName.Replace("images", "labels", StringComparison.Ordinal).Replace("idx3", "idx1", StringComparison.Ordinal);
            string labels = FindTwin(folder, labelName) ?? throw new DatasetException($"'{images}' has no labels: expected '{labelName}' beside it.");
            CatalogPart part = imageName.StartsWith("train", StringComparison.Ordinal) ? CatalogPart.Train
                : imageName.StartsWith("t10k", StringComparison.Ordinal) || imageName.StartsWith("test", StringComparison.Ordinal) ? CatalogPart.Test
                : CatalogPart.Undivided;
            using FileStream imageStream = File.OpenRead(images);
            using FileStream labelStream = File.OpenRead(labels);
            return ReadPair(imageStream, images, labelStream, labels, part, limits);
        }));
    }

    public static Catalog Combine(string name, IEnumerable<IReadOnlyList<CatalogItem>> parts)
    {
        List<CatalogItem> items = [.. parts.SelectMany(part => part)];
        HashSet<string> kinds = [.. items.Select(item => item.Kind)];
        // Labels need not be dense; a class is listed at the place of its label.
        int classes = 1 + Enumerable.Range(0, 256).LastOrDefault(label => kinds.Contains(Catalog.ClassName(label)), -1);
        return new Catalog(name, DatasetLayout.Idx, items, [.. Enumerable.Range(0, classes).Select(Catalog.ClassName)]);
    }

    /// <summary>Reads a file of images and its file of labels; either stream may be gzipped and must be seekable.</summary>
    public static IReadOnlyList<CatalogItem> ReadPair(
        Stream images, string imagesSource, Stream labels, string labelsSource, CatalogPart part, CatalogLimits limits)
    {
        long length = images.Length;
        using Stream content = Unzip(images);
        int[] header = ReadHeader(content, imagesSource, ImageMagic, 4);
        (int count, int rows, int columns) = (header[1], header[2], header[3]);
        if (count < 0 || rows < 1 || columns < 1 || (long)rows * columns > limits.MaxPixels)
            throw new DatasetException($"'{imagesSource}' claims {count} images of {rows} × {columns} pixels; expected sizes from 1 to {limits.MaxPixels} pixels.");
        long needed = count * ((long)rows * columns + BytesBesidePixels);
        if (needed > Math.Max(AlwaysAllowed, LargestRatio * length))
            throw new DatasetException($"'{imagesSource}' claims {count} images of {rows} × {columns} pixels in {length} bytes, which no data set does. Copy or download it again.");
        byte[] kinds = ReadLabels(labels, labelsSource, count);
        limits.RequireMemory(needed, $"the {count} images of '{imagesSource}'");
        CatalogItem[] items = new CatalogItem[count];
        for (int i = 0; i < count; i++)
        {
            byte[] pixels = new byte[rows * columns];
            Fill(content, pixels, imagesSource, $"image {i} of {count}");
            items[i] = CatalogItem.FromPixels($"{imagesSource}#{i}", Catalog.ClassName(kinds[i]), part, columns, rows, pixels);
        }

        RequireEnd(content, imagesSource, count);
        return items;
    }

    private static byte[] ReadLabels(Stream labels, string source, int images)
    {
        using Stream content = Unzip(labels);
        int count = ReadHeader(content, source, LabelMagic, 2)[1];
        if (count < 0) throw new DatasetException($"'{source}' claims {count} labels.");
        if (count != images) throw new DatasetException($"There are {images} images but '{source}' has {count} labels; the two files do not belong together.");
        // Grows with what is really there, whatever the header claims.
        using MemoryStream values = new();
        byte[] piece = new byte[64 * 1024];
        while (values.Length < count)
        {
            int wanted = (int)Math.Min(piece.Length, count - values.Length);
            Fill(content, piece.AsSpan(0, wanted), source, $"label {values.Length} of {count}");
            values.Write(piece, 0, wanted);
        }

        RequireEnd(content, source, count);
        return values.ToArray();
    }

    private static Stream Unzip(Stream stream)
    {
        bool zipped = stream.ReadByte() == 0x1f && stream.ReadByte() == 0x8b;
        stream.Position = 0;
        return zipped ? new GZipStream(stream, CompressionMode.Decompress, leaveOpen: true) : new BufferedStream(stream);
    }

    private static int[] ReadHeader(Stream content, string source, int magic, int length)
    {
        byte[] bytes = new byte[4 * length];
        Fill(content, bytes, source, "its header");
        int[] header = [.. Enumerable.Range(0, length).Select(i => BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(4 * i)))];
        return header[0] == magic
            ? header
            : throw new DatasetException($"'{source}' is not the expected IDX file: it starts with 0x{header[0]:x8}, expected 0x{magic:x8}.");
    }

    private static void Fill(Stream content, Span<byte> target, string source, string what)
    {
        if (Read(content, target, source) < target.Length) throw new DatasetException($"'{source}' is truncated: it ends within {what}. Copy or download it again.");
    }

    /// <summary>How much there was to read; a zipped file may turn out damaged anywhere, behind its last entry too.</summary>
    private static int Read(Stream content, Span<byte> target, string source)
    {
        try
        {
            return content.ReadAtLeast(target, target.Length, throwOnEndOfStream: false);
        }
        catch (InvalidDataException e)
        {
            throw new DatasetException($"'{source}' is damaged: {e.Message} Copy or download it again.", e);
        }
    }

    private static void RequireEnd(Stream content, string source, int count)
    {
        Span<byte> more = stackalloc byte[1];
        if (Read(content, more, source) > 0) throw new DatasetException($"'{source}' holds more than the {count} entries that its header claims.");
    }

    /// <summary>The file, gzipped or not: images and labels need not be packed alike.</summary>
    private static string? FindTwin(string folder, string name)
    {
        string plain = name.EndsWith(".gz", StringComparison.Ordinal) ? name[..^3] : name;
        return new[] { plain, plain + ".gz" }.Select(candidate => Path.Combine(folder, candidate)).FirstOrDefault(File.Exists);
    }
}
