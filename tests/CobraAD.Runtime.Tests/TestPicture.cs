using SkiaSharp;

namespace CobraAD.Runtime.Tests;

/// <summary>Makes encoded images.</summary>
internal static class TestPicture
{
    public static byte[] Plain(byte red, byte green, byte blue, int width = 16, int height = 16, SKEncodedImageFormat format = SKEncodedImageFormat.Png)
    {
        using SKBitmap bitmap = new(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul));
        bitmap.Erase(new SKColor(red, green, blue));
        return Encode(bitmap, format);
    }

    /// <summary>Pixels that look like noise, so that files are as large as their pixels.</summary>
    public static byte[] Noise(int width, int height, int seed = 1)
    {
        using SKBitmap bitmap = new(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul));
        Span<byte> pixels = bitmap.GetPixelSpan();
        new Random(seed).NextBytes(pixels);
        for (int i = 3; i < pixels.Length; i += 4) pixels[i] = 255;
        return Encode(bitmap, SKEncodedImageFormat.Png);
    }

    /// <summary>Dark, with a square of full blue.</summary>
    public static byte[] WithBlueSquare(int size, int left, int top, int side)
    {
        using SKBitmap bitmap = new(new SKImageInfo(size, size, SKColorType.Rgba8888, SKAlphaType.Unpremul));
        bitmap.Erase(SKColors.Black);
        for (int y = top; y < top + side; y++)
            for (int x = left; x < left + side; x++) bitmap.SetPixel(x, y, new SKColor(0, 0, 255));
        return Encode(bitmap, SKEncodedImageFormat.Png);
    }

    /// <summary>A PNG of one grey pixel whose header claims another size, with a header checksum that fits.</summary>
    public static byte[] Claiming(int width, int height)
    {
        byte[] png = Plain(1, 1, 1, 1, 1);
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(16), width);
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(20), height);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(png.AsSpan(29), Crc(png.AsSpan(12, 17)));
        return png;
    }

    private static byte[] Encode(SKBitmap bitmap, SKEncodedImageFormat format)
    {
        using SKData data = bitmap.Encode(format, 100);
        return data.ToArray();
    }

    private static uint Crc(ReadOnlySpan<byte> data)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in data)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++) crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ 0xEDB88320;
        }

        return ~crc;
    }
}
