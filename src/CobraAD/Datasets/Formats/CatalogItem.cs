using CobraAD.Imaging;

namespace CobraAD.Datasets.Formats;

/// <summary>Which part of a data set an image belongs to, where the data set says so.</summary>
internal enum CatalogPart
{
    Undivided,
    Train,
    Test,
}

/// <summary>One image of a data set before it is decoded.</summary>
/// <param name="Source">Path, or "file#index".</param>
/// <param name="Kind">The name of its class.</param>
/// <param name="Part">The part it belongs to.</param>
/// <param name="Decode">Decodes it; the source is the file of the image when <see langword="null"/>, which takes the least memory where there are millions.</param>
internal sealed record CatalogItem(string Source, string Kind, CatalogPart Part, Func<ImageReader, RgbImage>? Decode)
{
    /// <summary>The file of its ground-truth mask.</summary>
    public string? Mask { get; init; }

    /// <summary>The file that it is decoded from; <see langword="null"/> where its pixels came with the catalog.</summary>
    public string? File { get; init; }

    public static CatalogItem FromFile(string path, string kind, CatalogPart part, string? mask = null) => new(path, kind, part, null) { File = path, Mask = mask };

    /// <summary>An image that came decoded: <paramref name="pixels"/> is [1 or 3, height, width].</summary>
    public static CatalogItem FromPixels(string source, string kind, CatalogPart part, int width, int height, byte[] pixels) =>
        new(source, kind, part, _ => new RgbImage(width, height, pixels.Length == width * height ? [.. pixels, .. pixels, .. pixels] : pixels));

    /// <summary>Decodes it.</summary>
    /// <exception cref="ImageReadException">It cannot be read.</exception>
    public RgbImage Read(ImageReader reader) => Decode is null ? reader.Read(Source) : Decode(reader);
}
