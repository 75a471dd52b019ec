namespace CobraAD.Imaging;

/// <summary>Refuses an image by the size its header claims.</summary>
internal static class PixelLimit
{
    public static void Check(long width, long height, long maxPixels)
    {
        if (width < 1 || height < 1) throw new DecodeException(DecodeFailure.Damaged, $"its header claims {width} × {height} pixels.");
        if (width > maxPixels / height)
            throw new DecodeException(DecodeFailure.TooLarge, $"its header claims {width} × {height} pixels, more than the limit of {maxPixels}. Scale it down.");
    }
}
