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
        ResizeInto(resized, width, height);
        return new RgbImage(width, height, resized);
    }

    /// <summary>Writes the image at another size to [3, height, width].</summary>
    internal void ResizeInto(Span<byte> destination, int width, int height)
    {
        PlaneResampler resampler = new();
        if (decoded is null) resampler.Resize(pixels.Span, Width, Height, destination, width, height);
        else decoded.ResizeInto(destination, width, height, resampler);
    }
}
