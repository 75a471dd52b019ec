using SkiaSharp;

namespace CobraAD.Server.Images;

/// <summary>A small picture of an image for the page.</summary>
internal static class Thumbnail
{
    /// <summary>The longer side, in pixels: twice the size at which the page shows it, for dense screens.</summary>
    private const int Side = 160;
    private const int Quality = 80;

    /// <summary>Shrinks an image that was scored already, so it is known to be sound and within the limits.</summary>
    /// <param name="image">The encoded image.</param>
    /// <returns>A JPEG, or <see langword="null"/> when the format has no quick decoder (TIFF).</returns>
    public static byte[]? Make(byte[] image)
    {
        using SKData data = SKData.CreateCopy(image);
        using SKCodec? codec = SKCodec.Create(data);
        if (codec is null) return null;

        float scale = Math.Min(1f, (float)Side / Math.Max(codec.Info.Width, codec.Info.Height));
        // JPEG can be decoded at an eighth, a quarter or half of its size at almost no cost.
        SKSizeI near = codec.GetScaledDimensions(scale);
        using SKBitmap decoded = new(new SKImageInfo(near.Width, near.Height, SKColorType.Rgba8888, SKAlphaType.Premul));
        if (codec.GetPixels(decoded.Info, decoded.GetPixels()) is not (SKCodecResult.Success or SKCodecResult.IncompleteInput)) return null;

        SKImageInfo size = new(Math.Max(1, (int)Math.Round(codec.Info.Width * scale)), Math.Max(1, (int)Math.Round(codec.Info.Height * scale)), SKColorType.Rgba8888, SKAlphaType.Premul);
        using SKBitmap small = new(size);
        if (!decoded.ScalePixels(small, new SKSamplingOptions(SKFilterMode.Linear, SKMipmapMode.Linear))) return null;
        using SKBitmap upright = Turn(small, codec.EncodedOrigin);
        using SKData jpeg = upright.Encode(SKEncodedImageFormat.Jpeg, Quality);
        return jpeg.ToArray();
    }

    /// <summary>Turns a picture as its camera was held (EXIF), on white where it is transparent.</summary>
    private static SKBitmap Turn(SKBitmap bitmap, SKEncodedOrigin origin)
    {
        bool swaps = origin is SKEncodedOrigin.LeftTop or SKEncodedOrigin.RightTop or SKEncodedOrigin.RightBottom or SKEncodedOrigin.LeftBottom;
        SKBitmap upright = new(new SKImageInfo(swaps ? bitmap.Height : bitmap.Width, swaps ? bitmap.Width : bitmap.Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        using SKCanvas canvas = new(upright);
        canvas.Clear(SKColors.White);
        (float w, float h) = (bitmap.Width, bitmap.Height);
        canvas.SetMatrix(origin switch
        {
            SKEncodedOrigin.TopRight => new SKMatrix(-1, 0, w, 0, 1, 0, 0, 0, 1),
            SKEncodedOrigin.BottomRight => new SKMatrix(-1, 0, w, 0, -1, h, 0, 0, 1),
            SKEncodedOrigin.BottomLeft => new SKMatrix(1, 0, 0, 0, -1, h, 0, 0, 1),
            SKEncodedOrigin.LeftTop => new SKMatrix(0, 1, 0, 1, 0, 0, 0, 0, 1),
            SKEncodedOrigin.RightTop => new SKMatrix(0, -1, h, 1, 0, 0, 0, 0, 1),
            SKEncodedOrigin.RightBottom => new SKMatrix(0, -1, h, -1, 0, w, 0, 0, 1),
            SKEncodedOrigin.LeftBottom => new SKMatrix(0, 1, 0, -1, 0, w, 0, 0, 1),
            _ => SKMatrix.Identity,
        });
        canvas.DrawBitmap(bitmap, 0, 0, SKSamplingOptions.Default);
        return upright;
    }
}
