using BitMiracle.LibTiff.Classic;
using CobraAD.Imaging;
using SkiaSharp;

namespace CobraAD.Tests.Imaging;

/// <summary>Makes encoded images for tests.</summary>
internal static class Picture
{
    /// <summary>A picture whose pixels are all different: red tells the column, green the row.</summary>
    public static byte[] Encode(SKEncodedImageFormat format, int width, int height, byte blue = 200, byte alpha = 255, int quality = 100)
    {
        using SKBitmap bitmap = new(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul));
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++) bitmap.SetPixel(x, y, new SKColor((byte)(10 * x), (byte)(10 * y), blue, alpha));
        using SKData data = bitmap.Encode(format, quality);
        return data.ToArray();
    }

    /// <summary>A picture of one colour.</summary>
    public static byte[] Plain(byte value, int width = 12, int height = 12)
    {
        using SKBitmap bitmap = new(new SKImageInfo(width, height, SKColorType.Gray8, SKAlphaType.Opaque));
        bitmap.Erase(new SKColor(value, value, value));
        using SKData data = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        return data.ToArray();
    }

    /// <summary>An uncompressed 24-bit BMP with the same pixels as <see cref="Encode"/>; Skia only reads the format.</summary>
    public static byte[] EncodeBmp(int width, int height, byte blue)
    {
        int stride = (3 * width + 3) / 4 * 4;
        using MemoryStream stream = new();
        using BinaryWriter writer = new(stream);
        writer.Write("BM"u8);
        foreach (int value in (int[])[54 + stride * height, 0, 54, 40, width, height, 1 | (24 << 16), 0, stride * height, 2835, 2835, 0, 0]) writer.Write(value);
        for (int y = height - 1; y >= 0; y--)
        {
            byte[] row = new byte[stride];
            for (int x = 0; x < width; x++) (row[3 * x], row[3 * x + 1], row[3 * x + 2]) = (blue, (byte)(10 * y), (byte)(10 * x));
            writer.Write(row);
        }

        return stream.ToArray();
    }

    /// <summary>A TIFF whose sample s of pixel (x, y) is <paramref name="sample"/>(x, y, s).</summary>
    public static byte[] EncodeTiff(
        int width, int height, int bits, int samples, Photometric photometric, Func<int, int, int, int> sample,
        int orientation = 1, bool tiled = false, bool separate = false)
    {
        using MemoryStream stream = new();
        using (Tiff tiff = Tiff.ClientOpen("test", "w", stream, new KeepOpen()))
        {
            tiff.SetField(TiffTag.IMAGEWIDTH, width);
            tiff.SetField(TiffTag.IMAGELENGTH, height);
            tiff.SetField(TiffTag.BITSPERSAMPLE, bits);
            tiff.SetField(TiffTag.SAMPLESPERPIXEL, samples);
            tiff.SetField(TiffTag.PHOTOMETRIC, photometric);
            tiff.SetField(TiffTag.PLANARCONFIG, separate ? PlanarConfig.SEPARATE : PlanarConfig.CONTIG);
            tiff.SetField(TiffTag.ORIENTATION, (Orientation)orientation);
            tiff.SetField(TiffTag.COMPRESSION, Compression.LZW);
            if (samples == 4) tiff.SetField(TiffTag.EXTRASAMPLES, 1, new short[] { (short)ExtraSample.UNASSALPHA });
            if (tiled) tiff.SetField(TiffTag.TILEWIDTH, 16);
            if (tiled) tiff.SetField(TiffTag.TILELENGTH, 16);
            else tiff.SetField(TiffTag.ROWSPERSTRIP, 1);

            int planes = separate ? samples : 1;
            (int blockWidth, int blockHeight) = tiled ? (16, 16) : (width, 1);
            for (int plane = 0; plane < planes; plane++)
            {
                for (int top = 0; top < height; top += blockHeight)
                {
                    for (int left = 0; left < width; left += blockWidth)
                    {
                        using MemoryStream block = new();
                        for (int y = top; y < top + blockHeight; y++)
                            for (int x = left; x < left + blockWidth; x++)
                                for (int s = separate ? plane : 0; s <= (separate ? plane : samples - 1); s++)
                                    block.Write(BitConverter.GetBytes((ushort)sample(x, y, s)).AsSpan(0, bits / 8));
                        if (tiled) tiff.WriteTile(block.ToArray(), left, top, 0, (short)plane);
                        else tiff.WriteScanline(block.ToArray(), top, (short)plane);
                    }
                }
            }

            tiff.WriteDirectory();
        }

        return stream.ToArray();
    }

    public static (int Red, int Green, int Blue) At(this RgbImage image, int x, int y)
    {
        ReadOnlySpan<byte> pixels = image.Pixels.Span;
        int area = image.Width * image.Height;
        int at = y * image.Width + x;
        return (pixels[at], pixels[area + at], pixels[2 * area + at]);
    }

    private sealed class KeepOpen : TiffStream
    {
        public override void Close(object clientData)
        {
        }
    }
}
