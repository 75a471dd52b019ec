namespace CobraAD.Imaging;

/// <summary>
/// Reads PNG, JPEG, BMP, WebP and TIFF (8 and 16 bit). Grey becomes three equal channels, alpha is dropped (colours stay as stored, they
/// are not blended), embedded colour profiles are not applied, 16 bits stay 16 bits until the image has the network's size and are then
/// rounded to 8 over the full range, whatever the format, the EXIF or TIFF orientation is applied, and of a file with several pages the
/// first is read. A file that is cut short is refused, also where a decoder would fill in what is missing. Safe to use from many threads.
/// </summary>
internal sealed class ImageReader
{
    /// <summary>The default of <see cref="MaxPixels"/>: 100 million.</summary>
    public const long DefaultMaxPixels = 100_000_000;

    /// <summary>The largest allowed value of <see cref="MaxPixels"/>: 500 million.</summary>
    public const long LargestMaxPixels = 500_000_000;

    private readonly long maxPixels = DefaultMaxPixels;

    /// <summary>
    /// Images with more pixels than this are refused after their header and before anything is decoded, so that a small file cannot
    /// claim gigabytes.
    /// </summary>
    /// <value>Default <see cref="DefaultMaxPixels"/>; 1 to <see cref="LargestMaxPixels"/>.</value>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside its range.</exception>
    public long MaxPixels
    {
        get => maxPixels;
        init => maxPixels = value is >= 1 and <= LargestMaxPixels
            ? value
            : throw new ArgumentOutOfRangeException(nameof(MaxPixels), value, $"MaxPixels must be between 1 and {LargestMaxPixels}.");
    }

    /// <summary>Reads one image file.</summary>
    /// <param name="path">The file; its kind is told by its content, not by its name.</param>
    /// <exception cref="ImageReadException">The file cannot be read or decoded, or has more than <see cref="MaxPixels"/> pixels.</exception>
    public RgbImage Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            long length = RegularFile.LengthOf(path);
            if (length == 0) throw new ImageReadException(path, RegularFile.Nothing);
            // No image that may be read has more bytes: four channels of 16 bits, and room for what else is in a file.
            if (length > MaxPixels * 8 + (64L << 20)) throw new ImageReadException(path, $"the file has {length} bytes, more than any image of at most {MaxPixels} pixels.");
            return Read(File.ReadAllBytes(path), path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ImageReadException(path, e.Message, e);
        }
    }

    /// <summary>Reads one image that is already in memory.</summary>
    /// <param name="encoded">The content of an image file.</param>
    /// <param name="source">What stands for the image in error messages.</param>
    /// <exception cref="ImageReadException">The image cannot be decoded, or has more than <see cref="MaxPixels"/> pixels.</exception>
    public RgbImage Read(byte[] encoded, string source)
    {
        ArgumentNullException.ThrowIfNull(encoded);
        PixelBuffers buffers = new();
        try
        {
            ImageDecoder.Decode(encoded, MaxPixels, buffers);
        }
        catch (DecodeException e)
        {
            throw new ImageReadException(source, e.Message, e.InnerException);
        }

        return new RgbImage(buffers);
    }
}
