namespace CobraAD.Imaging;

/// <summary>One decoded image: 8 or 16 bits for each of red, green and blue, as three planes.</summary>
internal sealed class RgbImage
{
    private readonly PixelBuffers? decoded;
    private readonly ReadOnlyMemory<byte> pixels;

    /// <summary>Wraps decoded pixels.</summary>
    /// <param name="width">Width in pixels.</param>
    /// <param name="height">Height in pixels.</param>
    /// <param name="pixels">[3, height, width], row after row; not copied.</param>
    /// <exception cref="ArgumentException">The number of bytes is not 3 · height · width.</exception>
    public RgbImage(int width, int height, byte[] pixels)
    {
        ArgumentNullException.ThrowIfNull(pixels);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        if (pixels.LongLength != 3L * width * height)
            throw new ArgumentException($"Expected {3L * width * height} bytes for {width} × {height} pixels, found {pixels.LongLength}.", nameof(pixels));

        Width = width;
        Height = height;
        this.pixels = pixels;
    }

    /// <summary>Takes over what a decoder filled.</summary>
    /// <param name="decoded">Buffers that were used for this image only.</param>
    public RgbImage(PixelBuffers decoded)
    {
        ArgumentNullException.ThrowIfNull(decoded);
        Width = decoded.Width;
        Height = decoded.Height;
        if (decoded.IsDeep) this.decoded = decoded;
        else pixels = decoded.Planes;
    }

    /// <summary>Width in pixels.</summary>
    public int Width { get; }

    /// <summary>Height in pixels.</summary>
    public int Height { get; }

    /// <summary>Whether it has more than 8 bits to a channel.</summary>
    public bool IsDeep => decoded is not null;

    /// <summary>The pixels as [3, Height, Width]; 16 bits are rounded.</summary>
    public ReadOnlyMemory<byte> Pixels => decoded is null ? pixels : Resize(Width, Height).pixels;

    /// <summary>
    /// The image at another size, by a separable triangle filter: bilinear interpolation when it grows, and when it shrinks the
    /// triangle widens with the scale so that every source pixel counts (antialiasing). The aspect ratio is not kept.
    /// </summary>
    /// <param name="width">New width in pixels.</param>
    /// <param name="height">New height in pixels.</param>
    public RgbImage Resize(int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        byte[] resized = new byte[3 * width * height];
        PlaceInto(resized, width, height, Placement.Plain);
        return new RgbImage(width, height, resized);
    }

    /// <summary>Writes the image as a network sees it to [3, height, width].</summary>
    /// <param name="destination">Receives it.</param>
    /// <param name="width">Width of the network's input.</param>
    /// <param name="height">Its height.</param>
    /// <param name="placement">How it gets there.</param>
    /// <exception cref="DecodeException">The region of interest is not in the image.</exception>
    internal void PlaceInto(Span<byte> destination, int width, int height, Placement placement)
    {
        PlaneResampler resampler = new();
        PixelBuffers cut = new();
        if (decoded is null) placement.Place(pixels.Span, Width, Height, destination, width, height, resampler, cut);
        else decoded.PlaceInto(destination, width, height, placement, resampler, cut);
    }

    /// <summary>Counts the samples that a network sees by their value of 16 bits; see <see cref="Placement.Count"/>.</summary>
    internal void Count(Span<long> histogram, Placement placement)
    {
        if (decoded is null) placement.Count(pixels.Span, Width, Height, histogram);
        else placement.Count<ushort>(decoded.DeepPlanes.AsSpan(0, 3 * Width * Height), Width, Height, histogram);
    }
}
