namespace CobraAD.Imaging;

/// <summary>How an image lies in its file: the values 1 to 8 of the EXIF and TIFF orientation tag.</summary>
internal static class StoredOrientation
{
    /// <summary>Turns interleaved pixels as stored into upright planes.</summary>
    /// <param name="stored">Pixels row after row, <paramref name="stride"/> bytes each, of which the first three are red, green and blue.</param>
    /// <param name="width">Width as stored.</param>
    /// <param name="height">Height as stored.</param>
    /// <param name="stride">Bytes of one pixel.</param>
    /// <param name="orientation">The tag's value; any other than 2 to 8 means upright.</param>
    public static RgbImage ToUpright(ReadOnlySpan<byte> stored, int width, int height, int stride, int orientation)
    {
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
        byte[] planes = new byte[3 * area];
        int from = 0;
        for (int y = 0; y < height; y++)
        {
            int to = start + y * stepY;
            for (int x = 0; x < width; x++, to += stepX, from += stride)
            {
                planes[to] = stored[from];
                planes[area + to] = stored[from + 1];
                planes[2 * area + to] = stored[from + 2];
            }
        }

        return orientation is >= 5 and <= 8 ? new RgbImage(height, width, planes) : new RgbImage(width, height, planes);
    }
}
