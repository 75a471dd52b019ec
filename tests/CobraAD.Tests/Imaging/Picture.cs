using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
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

    /// <summary>A PNG of 16 bits whose sample s of pixel (x, y) is <paramref name="sample"/>(x, y, s); rows go through the filters in turn.</summary>
    public static byte[] EncodeDeepPng(int width, int height, int samples, Func<int, int, int, int> sample, bool isInterlaced = false)
    {
        using MemoryStream data = new();
        using (ZLibStream packed = new(data, CompressionLevel.Optimal, leaveOpen: true))
        {
            (int, int, int, int)[] passes = isInterlaced
                ? [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
                : [(0, 0, 1, 1)];
            foreach ((int left, int top, int stepX, int stepY) in passes)
            {
                byte[] above = new byte[width * samples * 2];
                for (int y = top; left < width && y < height; y += stepY)
                {
                    List<byte> row = [];
                    for (int x = left; x < width; x += stepX)
                        for (int s = 0; s < samples; s++) row.AddRange([(byte)(sample(x, y, s) >> 8), (byte)sample(x, y, s)]);
                    int filter = y / stepY % 5, pixel = 2 * samples;
                    packed.WriteByte((byte)filter);
                    for (int i = 0; i < row.Count; i++)
                    {
                        int before = i >= pixel ? row[i - pixel] : 0, up = above[i], corner = i >= pixel ? above[i - pixel] : 0;
                        int estimate = before + up - corner;
                        int[] candidates = [before, up, corner];
                        int guess = filter switch { 0 => 0, 1 => before, 2 => up, 3 => (before + up) / 2, _ => candidates.MinBy(value => Math.Abs(estimate - value)) };
                        packed.WriteByte((byte)(row[i] - guess));
                    }

                    row.CopyTo(above);
                }
            }
        }

        byte[] header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9], header[12]) = (16, (byte)(samples switch { 1 => 0, 2 => 4, 3 => 2, _ => 6 }), (byte)(isInterlaced ? 1 : 0));
        // In two chunks, as encoders write large pictures.
        byte[] packedData = data.ToArray();
        return [0x89, .. "PNG\r\n"u8, 0x1a, 0x0a, .. Chunk("IHDR", header), .. Chunk("IDAT", packedData[..7]), .. Chunk("IDAT", packedData[7..]), .. Chunk("IEND", [])];
    }

    /// <summary>A progressive JPEG of 48 × 40 pixels from libjpeg-turbo; Skia does not write any.</summary>
    public static byte[] ProgressiveJpeg() => Convert.FromBase64String(
            "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAA0JCgsKCA0LCgsODg0PEyAVExISEyccHhcgLikxMC4pLSwzOko+MzZGNywtQFdBRkxOUlNSMj5aYVpQYEpRUk//"
            + "wgALCAAoADABAREA/8QAGQABAQEAAwAAAAAAAAAAAAAAAwIEAAEF/9oACAEBAAAAAfCa6tA5apeftUtM1paJlS0S/wD/xAAaEAADAQEBAQAAAAAAAAAAAAAA"
            + "ARECIRAS/9oACAEBAAEFAlk+SI55GJeLBEhU+ScznxZhGxInJElBZIQhOyuEIf/EABsQAAICAwEAAAAAAAAAAAAAAAAhARARIDFR/9oACAEBAAY/AtOHNnNo"
            + "dLTMjPCLyOv/xAAeEAEBAAICAgMAAAAAAAAAAAABABEhMUFRYRBxgf/aAAgBAQABPyGAwEekeoR1yTPMUC4IgYTI5sdQNoeoQ9MzriuNl5+AM96Ea+E1uSPq"
            + "EZ7cR3/BG+9vi//aAAgBAQAAABCF3pAn/8QAHxAAAwADAAEFAAAAAAAAAAAAAAERITFBUXGBkbHx/9oACAEBAAE/ELcFNo2iETVC3r7D2kI1BliMjocKs4uh"
            + "i+lGVM8WBs3ISbH4FFNByvyySJsk4yxMbLRg+FDV9BQ5/pZWIPGcI2pqeOOkaFA2GldcI//Z");

    private static byte[] Chunk(string name, byte[] data)
    {
        byte[] content = [.. Encoding.ASCII.GetBytes(name), .. data];
        uint crc = uint.MaxValue;
        foreach (byte value in content)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++) crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xedb88320 : crc >> 1;
        }

        byte[] length = new byte[4], checksum = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, data.Length);
        BinaryPrimitives.WriteUInt32BigEndian(checksum, ~crc);
        return [.. length, .. content, .. checksum];
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
