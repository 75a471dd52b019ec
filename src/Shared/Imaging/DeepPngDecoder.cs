using System.Buffers.Binary;
using System.IO.Compression;

namespace CobraAD.Imaging;

/// <summary>
/// PNG with 16 bits a channel, whose lower 8 bits other decoders drop: a camera's 12 bits in a PNG would be 16 grey levels, and the same picture
/// as TIFF another one. After the W3C recommendation on PNG: chunks, interlacing and filters.
/// </summary>
internal static class DeepPngDecoder
{
    private const int HeaderEnd = 33;
    private const int BytesOfSample = 2;

    /// <summary>Left, top, and the steps of the seven passes of an interlaced file.</summary>
    private static readonly (int Left, int Top, int StepX, int StepY)[] Adam7 =
        [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];

    private static readonly (int Left, int Top, int StepX, int StepY)[] Whole = [(0, 0, 1, 1)];

    private static readonly uint[] Remainders = [.. Enumerable.Range(0, 256).Select(value => Remainder((uint)value))];

    private static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0d, 0x0a, 0x1a, 0x0a];

    /// <summary>Whether this is a PNG file of 16 bits a channel.</summary>
    public static bool Recognizes(ReadOnlySpan<byte> file) => file.Length >= HeaderEnd && file.StartsWith(Signature) && file[24] == 16;

    /// <summary>Decodes a file whose size is known to be within the limit.</summary>
    public static void Decode(ReadOnlySpan<byte> file, int orientation, PixelBuffers into)
    {
        int width = BinaryPrimitives.ReadInt32BigEndian(file[16..]), height = BinaryPrimitives.ReadInt32BigEndian(file[20..]);
        int samples = file[25] switch
        {
            0 => 1,
            2 => 3,
            4 => 2,
            6 => 4,
            _ => throw Damaged($"16 bits do not go with its colour type {file[25]}"),
        };
        using MemoryStream compressed = new(ImageData(file));
        using ZLibStream content = new(compressed, CompressionMode.Decompress);
        ushort[] stored = new ushort[checked(width * height * samples)];
        foreach ((int left, int top, int stepX, int stepY) in file[28] == 0 ? Whole : Adam7)
        {
            int columns = (width - left + stepX - 1) / stepX, rows = (height - top + stepY - 1) / stepY;
            if (columns <= 0 || rows <= 0) continue;
            byte[] above = new byte[columns * samples * BytesOfSample], row = new byte[above.Length];
            for (int y = 0; y < rows; y++)
            {
                int filter = content.ReadByte();
                if (filter < 0 || content.ReadAtLeast(row, row.Length, throwOnEndOfStream: false) < row.Length) throw Damaged("the file is cut short");
                Unfilter(filter, row, above, samples * BytesOfSample);
                for (int x = 0; x < columns; x++)
                {
                    int to = ((top + y * stepY) * width + left + x * stepX) * samples;
                    for (int sample = 0; sample < samples; sample++)
                        stored[to + sample] = BinaryPrimitives.ReadUInt16BigEndian(row.AsSpan((x * samples + sample) * BytesOfSample));
                }

                (above, row) = (row, above);
            }
        }

        bool isGrey = samples < 3;
        StoredPixels layout = new(width, height, samples, width * samples, 0, isGrey ? 0 : 1, isGrey ? 0 : 2);
        StoredOrientation.ToUpright(stored, layout, orientation, into);
    }

    /// <summary>The content of all IDAT chunks, whose checksums hold.</summary>
    private static byte[] ImageData(ReadOnlySpan<byte> file)
    {
        using MemoryStream data = new();
        int at = Signature.Length;
        while (at + 12 <= file.Length)
        {
            uint length = BinaryPrimitives.ReadUInt32BigEndian(file[at..]);
            if (length > file.Length - at - 12) throw Damaged("the file is cut short");
            ReadOnlySpan<byte> chunk = file.Slice(at + 4, 4 + (int)length);
            if (chunk.StartsWith("IEND"u8)) return data.ToArray();
            if (chunk.StartsWith("IDAT"u8))
            {
                if (Checksum(chunk) != BinaryPrimitives.ReadUInt32BigEndian(file[(at + 8 + (int)length)..])) throw Damaged("its data is damaged");
                data.Write(chunk[4..]);
            }

            at += 12 + (int)length;
        }

        throw Damaged("the file is cut short");
    }

    /// <summary>Each byte was stored as its difference to a guess from the bytes to the left, above, and above left.</summary>
    private static void Unfilter(int filter, Span<byte> row, ReadOnlySpan<byte> above, int pixel)
    {
        for (int i = 0; i < row.Length; i++)
        {
            int left = i >= pixel ? row[i - pixel] : 0, up = above[i], corner = i >= pixel ? above[i - pixel] : 0;
            int guess = filter switch
            {
                0 => 0,
                1 => left,
                2 => up,
                3 => (left + up) / 2,
                4 => Paeth(left, up, corner),
                _ => throw Damaged($"a row has the unknown filter {filter}"),
            };
            row[i] += (byte)guess;
        }
    }

    private static int Paeth(int left, int up, int corner)
    {
        int estimate = left + up - corner;
        int toLeft = Math.Abs(estimate - left), toUp = Math.Abs(estimate - up), toCorner = Math.Abs(estimate - corner);
        return toLeft <= toUp && toLeft <= toCorner ? left : toUp <= toCorner ? up : corner;
    }

    /// <summary>CRC-32 of section 5.5.</summary>
    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in bytes) crc = (crc >> 8) ^ Remainders[(byte)(crc ^ value)];
        return ~crc;
    }

    private static uint Remainder(uint value)
    {
        for (int bit = 0; bit < 8; bit++) value = (value & 1) != 0 ? (value >> 1) ^ 0xedb88320 : value >> 1;
        return value;
    }

    private static DecodeException Damaged(string what) => new(DecodeFailure.Damaged, $"{what}.");
}
