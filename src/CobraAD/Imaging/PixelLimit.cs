namespace CobraAD.Imaging;

/// <summary>Refuses an image by the size its header claims.</summary>
internal static class PixelLimit
{
    public static void Check(long width, long height, long maxPixels, string source)
    {
        if (width < 1 || height < 1) throw new ImageReadException(source, $"its header claims {width} × {height} pixels.");
        if (width > maxPixels / height)
            throw new ImageReadException(source, $"its header claims {width} × {height} pixels, more than the limit of {maxPixels}; raise the pixel limit if this is meant.");
    }
}
