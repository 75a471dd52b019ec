using System.Buffers.Binary;
using System.Text;

namespace CobraAD.Serialization.Protobuf;

/// <summary>
/// Walks through the fields of a protocol buffer message in a file: each is a number, a kind and a value. Every length is checked against
/// what is left of the message around it before anything is read, so no claim of a file costs more memory than the file has bytes.
/// </summary>
/// <param name="stream">Seekable; shared by the readers of nested messages.</param>
/// <param name="end">Where the message ends.</param>
/// <remarks>Throws an <see cref="InvalidDataException"/> that says what is wrong with the bytes; who knows the file says which one and what to do.</remarks>
internal sealed class ProtoReader(Stream stream, long end)
{
    private const int LongestName = 1 << 16;

    private enum Kind
    {
        Varint = 0,
        Fixed64 = 1,
        Delimited = 2,
        Fixed32 = 5,
    }

    private Kind kind;
    private long fieldEnd;

    /// <summary>Goes to the next field and says its number; 0 at the end of the message. What was not read of the field before is skipped.</summary>
    public int Next()
    {
        if (fieldEnd > 0) stream.Position = fieldEnd;
        if (stream.Position >= end) return 0;
        ulong tag = Varint();
        kind = (Kind)(tag & 7);
        if (tag >> 3 is 0 or > 1 << 29 || !Enum.IsDefined(kind)) throw Damaged($"a field with the tag {tag}");
        long start = stream.Position;
        switch (kind)
        {
            case Kind.Varint:
                Varint();
                fieldEnd = stream.Position;
                stream.Position = start;
                break;
            case Kind.Delimited:
                ulong length = Varint();
                if (length > (ulong)(end - stream.Position)) throw Damaged($"a field of {length} bytes where {end - stream.Position} are left");
                fieldEnd = stream.Position + (long)length;
                break;
            default:
                int width = kind == Kind.Fixed64 ? 8 : 4;
                if (width > end - start) throw Damaged($"a field of {width} bytes where {end - start} are left");
                fieldEnd = start + width;
                break;
        }

        return (int)(tag >> 3);
    }

    /// <summary>The field as a whole number.</summary>
    public long Number() => kind == Kind.Varint ? (long)Varint() : throw Damaged("something else where a number belongs");

    /// <summary>The field as one whole number, or as a packed row of them.</summary>
    /// <param name="most">More are refused.</param>
    public IReadOnlyList<long> Numbers(int most)
    {
        if (kind == Kind.Varint) return [Number()];
        if (kind != Kind.Delimited) throw Damaged("something else where numbers belong");
        List<long> numbers = [];
        ProtoReader packed = Message();
        while (stream.Position < fieldEnd)
        {
            if (numbers.Count == most) throw Damaged($"more than {most} numbers in a row");
            numbers.Add((long)packed.Varint());
        }

        return numbers;
    }

    /// <summary>The field as a float32.</summary>
    public float Single()
    {
        if (kind != Kind.Fixed32) throw Damaged("something else where a float belongs");
        Span<byte> bytes = stackalloc byte[4];
        stream.ReadExactly(bytes);
        return BinaryPrimitives.ReadSingleLittleEndian(bytes);
    }

    /// <summary>The field as text.</summary>
    /// <param name="longest">More bytes are refused.</param>
    public string Text(int longest = LongestName)
    {
        (long start, long length) = Bytes();
        if (length > longest) throw Damaged($"a text of {length} bytes");
        byte[] bytes = new byte[length];
        stream.Position = start;
        stream.ReadExactly(bytes);
        return Encoding.UTF8.GetString(bytes);
    }

    /// <summary>Where the field's bytes lie.</summary>
    public (long Start, long Length) Bytes() => kind == Kind.Delimited ? (stream.Position, fieldEnd - stream.Position) : throw Damaged("something else where bytes belong");

    /// <summary>The field as a message of its own; read it before the next field.</summary>
    public ProtoReader Message() => kind == Kind.Delimited ? new ProtoReader(stream, fieldEnd) : throw Damaged("something else where a message belongs");

    private ulong Varint()
    {
        ulong value = 0;
        for (int shift = 0; shift < 70; shift += 7)
        {
            int next = stream.Position < end ? stream.ReadByte() : -1;
            if (next < 0) throw Damaged("an end within a number");
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80) return value;
        }

        throw Damaged("a number of more than 64 bits");
    }

    private InvalidDataException Damaged(string what) => new($"{what} (near byte {stream.Position})");
}
