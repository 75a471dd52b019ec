using SkiaSharp;

namespace CobraAD.Imaging;

/// <summary>PNG, JPEG, BMP and WebP.</summary>
internal static class SkiaDecoder
{
    public static RgbImage Decode(byte[] encoded, string source, long maxPixels)
    {
        using SKData data = SKData.CreateCopy(encoded);
        using SKCodec codec = SKCodec.Create(data)
            ?? throw new ImageReadException(source, "this is not a PNG, JPEG, BMP, WebP or TIFF image, or its header is damaged.");
        if (codec.EncodedFormat is not (SKEncodedImageFormat.Png or SKEncodedImageFormat.Jpeg or SKEncodedImageFormat.Bmp or SKEncodedImageFormat.Webp))
            throw new ImageReadException(source, $"{codec.EncodedFormat} images are not supported; convert it to PNG, JPEG, BMP, WebP or TIFF.");

        (int width, int height) = (codec.Info.Width, codec.Info.Height);
        PixelLimit.Check(width, height, maxPixels, source);
        // Not premultiplied: a transparent pixel keeps its colour. No colour space: values stay as stored.
        SKImageInfo target = new(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul);
        byte[] pixels = new byte[target.BytesSize64];
        SKCodecResult result;
        unsafe
        {
            fixed (byte* address = pixels) result = codec.GetPixels(target, (nint)address);
        }

        return result == SKCodecResult.Success
            ? StoredOrientation.ToUpright(pixels, width, height, 4, (int)codec.EncodedOrigin)
            : throw new ImageReadException(source, result == SKCodecResult.IncompleteInput ? "the file is cut short." : $"its data is damaged ({result}).");
    }
}
