namespace CobraAD.Imaging;

/// <summary>How interleaved pixels lie in memory.</summary>
/// <param name="Width">Width as stored.</param>
/// <param name="Height">Height as stored.</param>
/// <param name="PixelStride">Samples (bytes, where they have 8 bits) from one pixel to the next.</param>
/// <param name="RowStride">Samples from one row to the next.</param>
/// <param name="Red">Offset of red in a pixel.</param>
/// <param name="Green">Offset of green.</param>
/// <param name="Blue">Offset of blue.</param>
internal readonly record struct StoredPixels(int Width, int Height, int PixelStride, int RowStride, int Red, int Green, int Blue)
{
    /// <summary>Pixels that begin with red, green and blue, rows without gaps.</summary>
    public static StoredPixels Dense(int width, int height, int pixelStride) => new(width, height, pixelStride, width * pixelStride, 0, 1, 2);
}
