namespace CobraAD.Imaging;

/// <summary>How an image lies in its file: the values 1 to 8 of the EXIF and TIFF orientation tag.</summary>
internal static class StoredOrientation
{
    /// <summary>White of 16 bits over white of 8.</summary>
    private const int Widening = 65535 / 255;

    /// <summary>Turns interleaved pixels as stored into upright planes.</summary>
    /// <param name="stored">The pixels.</param>
    /// <param name="layout">How they lie in memory.</param>
    /// <param name="orientation">The tag's value; any other than 2 to 8 means upright.</param>
    /// <param name="upright">Receives size and planes.</param>
    public static void ToUpright(ReadOnlySpan<byte> stored, StoredPixels layout, int orientation, PixelBuffers upright)
    {
        (int width, int height) = UprightSize(layout, orientation);
        Turn(stored, layout, orientation, upright.Shallow(width, height));
    }

    /// <summary>The same for 16 bits a channel. Samples that are widened bytes (257 times one) become bytes again, which loses nothing.</summary>
    /// <param name="stored">The samples.</param>
    /// <param name="layout">How they lie in memory, counted in samples.</param>
    /// <param name="orientation">The tag's value; any other than 2 to 8 means upright.</param>
    /// <param name="upright">Receives size and planes.</param>
    public static void ToUpright(ReadOnlySpan<ushort> stored, StoredPixels layout, int orientation, PixelBuffers upright)
    {
        (int width, int height) = UprightSize(layout, orientation);
        Span<ushort> deep = upright.Deep(width, height);
        Turn(stored, layout, orientation, deep);
        foreach (ushort sample in deep)
        {
            if (sample % Widening != 0) return;
        }

        Span<byte> shallow = upright.Shallow(width, height);
        for (int i = 0; i < deep.Length; i++) shallow[i] = (byte)(deep[i] / Widening);
    }

    private static (int Width, int Height) UprightSize(StoredPixels layout, int orientation) =>
        orientation is >= 5 and <= 8 ? (layout.Height, layout.Width) : (layout.Width, layout.Height);

    private static void Turn<T>(ReadOnlySpan<T> stored, StoredPixels layout, int orientation, Span<T> upright)
    {
        (int width, int height) = (layout.Width, layout.Height);
        // The tag names the side of the upright image on which the stored first row and first column lie.
        // Where stored pixel (x, y) goes: start + x · stepX + y · stepY, counted in upright pixels.
        (int start, int stepX, int stepY) = orientation switch
        {
            2 => (width - 1, -1, width),
            3 => (width * height - 1, -1, -width),
            4 => (width * (height - 1), 1, -width),
            5 => (0, height, 1),
            6 => (height - 1, height, -1),
            7 => (width * height - 1, -height, -1),
            8 => (height * (width - 1), -height, 1),
            _ => (0, 1, width),
        };

        int area = width * height;
        Span<T> red = upright[..area];
        Span<T> green = upright.Slice(area, area);
        Span<T> blue = upright.Slice(2 * area, area);
        for (int y = 0; y < height; y++)
        {
            int to = start + y * stepY;
            int from = y * layout.RowStride;
            for (int x = 0; x < width; x++, to += stepX, from += layout.PixelStride)
            {
                red[to] = stored[from + layout.Red];
                green[to] = stored[from + layout.Green];
                blue[to] = stored[from + layout.Blue];
            }
        }
    }
}
