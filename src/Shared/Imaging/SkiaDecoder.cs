using SkiaSharp;

namespace CobraAD.Imaging;

/// <summary>PNG, JPEG, BMP and WebP.</summary>
internal static class SkiaDecoder
{
    public static unsafe void Decode(ReadOnlySpan<byte> encoded, long maxPixels, PixelBuffers into)
    {
        fixed (byte* content = encoded)
        {
            using SKData data = SKData.Create((nint)content, encoded.Length);
            using SKCodec codec = SKCodec.Create(data)
                ?? throw new DecodeException(DecodeFailure.Unsupported, "this is not a PNG, JPEG, BMP, WebP or TIFF image, or its header is damaged.");
            if (codec.EncodedFormat is not (SKEncodedImageFormat.Png or SKEncodedImageFormat.Jpeg or SKEncodedImageFormat.Bmp or SKEncodedImageFormat.Webp))
                throw new DecodeException(DecodeFailure.Unsupported, $"{codec.EncodedFormat} images are not supported; convert it to PNG, JPEG, BMP, WebP or TIFF.");

            (int width, int height) = (codec.Info.Width, codec.Info.Height);
            PixelLimit.Check(width, height, maxPixels);
            if (codec.EncodedFormat == SKEncodedImageFormat.Jpeg) JpegStructure.RequireComplete(encoded);
            if (DeepPngDecoder.Recognizes(encoded))
            {
                DeepPngDecoder.Decode(encoded, (int)codec.EncodedOrigin, into);
                return;
            }

            // Not premultiplied: a transparent pixel keeps its colour. No colour space: values stay as stored.
            SKImageInfo target = new(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul);
            Span<byte> pixels = into.Stored(checked((int)target.BytesSize64));
            SKCodecResult result;
            fixed (byte* address = pixels) result = codec.GetPixels(target, (nint)address);
            if (result != SKCodecResult.Success)
                throw new DecodeException(DecodeFailure.Damaged, result == SKCodecResult.IncompleteInput ? "the file is cut short." : $"its data is damaged ({result}).");

            StoredOrientation.ToUpright(pixels, StoredPixels.Dense(width, height, 4), (int)codec.EncodedOrigin, into);
        }
    }
}
