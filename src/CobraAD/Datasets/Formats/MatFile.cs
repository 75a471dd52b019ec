using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace CobraAD.Datasets.Formats;

/// <summary>
/// Real numeric arrays of a MATLAB level 5 MAT-file: a header of 128 bytes, then elements of a type, a length and data padded to eight
/// bytes. An element of type 15 holds another one, deflated; an element of type 14 is an array, whose own elements are its flags, its
/// dimensions, its name and its values in column-major order.
/// </summary>
internal static class MatFile
{
    private const int HeaderLength = 128;
    private const int TypeInt8 = 1, TypeUInt8 = 2, TypeDouble = 9, TypeMatrix = 14, TypeCompressed = 15;

    /// <summary>Images do not shrink to a hundredth; a small file that claims more than this and that is no data set.</summary>
    private const long AlwaysAllowed = 64L << 20, LargestRatio = 100;

    /// <summary>An array: its dimensions, and its values in column-major order.</summary>
    internal sealed record Array(IReadOnlyList<int> Dimensions, int ValueType, byte[] Values)
    {
        /// <summary>The values as whole numbers, whatever type the file gave them.</summary>
        /// <summary>Whether the values are bytes from 0 to 255, as pixels are.</summary>
        public bool IsBytes => ValueType == TypeUInt8;

        public int[] Whole() => ValueType switch
        {
            TypeUInt8 => [.. Values.Select(value => (int)value)],
            TypeInt8 => [.. Values.Select(value => (int)(sbyte)value)],
            _ => [.. Enumerable.Range(0, Values.Length / 8).Select(i => (int)BinaryPrimitives.ReadDoubleLittleEndian(Values.AsSpan(8 * i)))],
        };
    }

    /// <summary>The arrays with the given names.</summary>
    /// <exception cref="DatasetException">The file is not such a MAT-file, is truncated or damaged, or lacks an array.</exception>
    public static IReadOnlyDictionary<string, Array> Read(string path, params string[] names)
    {
        using FileStream file = File.OpenRead(path);
        byte[] header = new byte[HeaderLength];
        if (file.ReadAtLeast(header, HeaderLength, throwOnEndOfStream: false) < HeaderLength || header[126] != 'I' || header[127] != 'M')
            throw new DatasetException($"'{path}' is not a little-endian MATLAB level 5 file: expected its header of {HeaderLength} bytes to end in \"IM\". Save it with '-v7', or download it again.");

        Dictionary<string, Array> found = [];
        long most = Math.Max(AlwaysAllowed, LargestRatio * file.Length);
        try
        {
            while (file.Position < file.Length)
            {
                (int type, long length, _) = ReadTag(file);
                if (length > file.Length - file.Position) throw new EndOfStreamException($"an element claims {length} bytes, {file.Length - file.Position} are left");
                long next = file.Position + length + (type == TypeCompressed ? 0 : Padding(length));
                if (type == TypeMatrix) Keep(ReadArray(file, most));
                else if (type == TypeCompressed)
                {
                    using ZLibStream unzipped = new(new BoundedStream(file, length), CompressionMode.Decompress);
                    (int inner, _, _) = ReadTag(unzipped);
                    if (inner == TypeMatrix) Keep(ReadArray(unzipped, most));
                }

                file.Position = next;
            }
        }
        catch (Exception exception) when (exception is EndOfStreamException or InvalidDataException or OverflowException)
        {
            throw new DatasetException($"'{path}' is truncated or damaged: {exception.Message}. Download it again.", exception);
        }

        foreach (string name in names)
        {
            if (!found.ContainsKey(name)) throw new DatasetException($"'{path}' has no array '{name}'; it has {(found.Count == 0 ? "none" : string.Join(", ", found.Keys))}.");
        }

        return found;

        void Keep((string Name, Array Value) array) => found[array.Name] = array.Value;
    }

    private static (string Name, Array Value) ReadArray(Stream content, long most)
    {
        ReadElement(content, most);
        byte[] dimensionBytes = ReadElement(content, most).Bytes;
        int[] dimensions = [.. Enumerable.Range(0, dimensionBytes.Length / 4).Select(i => BinaryPrimitives.ReadInt32LittleEndian(dimensionBytes.AsSpan(4 * i)))];
        string name = Encoding.ASCII.GetString(ReadElement(content, most).Bytes);
        (int type, byte[] values) = ReadElement(content, most);
        if (type is not (TypeInt8 or TypeUInt8 or TypeDouble)) throw new InvalidDataException($"the array '{name}' has values of type {type}; whole numbers of 8 bits and doubles can be read");
        Array array = new(dimensions, type, values);
        // No array that was read has more; a product of damaged dimensions must not wrap around into what is there.
        Int128 expected = dimensions.Aggregate((Int128)(type == TypeDouble ? 8 : 1), (product, dimension) => Int128.Min(product * dimension, long.MaxValue));
        return dimensions.All(dimension => dimension >= 0) && values.Length == expected
            ? (name, array)
            : throw new InvalidDataException($"the array '{name}' of {string.Join(" × ", dimensions)} has {values.Length} bytes, expected {expected}");
    }

    private static (int Type, byte[] Bytes) ReadElement(Stream content, long most)
    {
        (int type, long length, byte[]? small) = ReadTag(content);
        if (small is not null) return (type, small);
        if (length > Math.Min(most, System.Array.MaxLength)) throw new InvalidDataException($"an element claims {length} bytes");
        // Grows with what is really there, whatever the tag claims.
        using MemoryStream bytes = new();
        byte[] piece = new byte[Math.Min(length, 1 << 20)];
        while (bytes.Length < length)
        {
            int wanted = (int)Math.Min(piece.Length, length - bytes.Length);
            content.ReadExactly(piece, 0, wanted);
            bytes.Write(piece, 0, wanted);
        }

        content.ReadExactly(new byte[Padding(length)]);
        return (type, bytes.ToArray());
    }

    /// <summary>Type and length; up to four bytes of data lie in the tag itself, which then has the length in its upper half.</summary>
    private static (int Type, long Length, byte[]? Small) ReadTag(Stream content)
    {
        byte[] tag = new byte[8];
        content.ReadExactly(tag);
        uint word = BinaryPrimitives.ReadUInt32LittleEndian(tag);
        int smallLength = (int)(word >> 16);
        return smallLength is > 0 and <= 4
            ? ((int)(word & 0xffff), smallLength, tag[4..(4 + smallLength)])
            : ((int)word, BinaryPrimitives.ReadUInt32LittleEndian(tag.AsSpan(4)), null);
    }

    private static int Padding(long length) => (int)((8 - length % 8) % 8);

    /// <summary>At most so many of a stream's next bytes.</summary>
    private sealed class BoundedStream(Stream inner, long length) : Stream
    {
        private long left = length;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count)
        {
            int read = inner.Read(buffer, offset, (int)Math.Min(count, left));
            left -= read;
            return read;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
