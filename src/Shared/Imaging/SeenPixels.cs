namespace CobraAD.Imaging;

/// <summary>Which pixels of pictures of one size are looked at, as a mask image shows them.</summary>
internal sealed class SeenPixels
{
    /// <summary>No mask has more pixels: a damaged one must not ask for gigabytes.</summary>
    private const long MaxPixels = 100_000_000;

    private readonly byte[] bright;

    /// <exception cref="FormatException">The mask cannot be decoded, or shows nothing.</exception>
    public SeenPixels(byte[] encoded)
    {
        PixelBuffers pixels = new();
        try
        {
            ImageDecoder.Decode(encoded, MaxPixels, pixels);
        }
        catch (DecodeException exception)
        {
            throw new FormatException($"the mask of the region of interest cannot be decoded: {exception.Message}", exception);
        }

        if (pixels.IsDeep) throw new FormatException("the mask of the region of interest has 16 bits, expected black and white of 8.");
        (Width, Height) = (pixels.Width, pixels.Height);
        bright = pixels.Planes[..(Width * Height)];
        (int left, int top, int right, int bottom) = (Width, Height, -1, -1);
        for (int y = 0; y < Height; y++)
        {
            ReadOnlySpan<byte> row = bright.AsSpan(y * Width, Width);
            int first = row.IndexOfAnyInRange((byte)128, (byte)255);
            if (first < 0) continue;
            (left, right) = (Math.Min(left, first), Math.Max(right, row.LastIndexOfAnyInRange((byte)128, (byte)255)));
            (top, bottom) = (Math.Min(top, y), y);
        }

        if (right < 0) throw new FormatException("the mask of the region of interest is black everywhere, so nothing would be looked at.");
        Area = new PictureArea(left, top, right - left + 1, bottom - top + 1);
    }

    /// <summary>Width of the pictures that it is for.</summary>
    public int Width { get; }

    /// <summary>Height of the pictures that it is for.</summary>
    public int Height { get; }

    /// <summary>The smallest rectangle with every pixel that is looked at.</summary>
    public PictureArea Area { get; }

    /// <summary>Whether a pixel is looked at, counted row by row.</summary>
    public bool this[int pixel] => bright[pixel] >= 128;
}
