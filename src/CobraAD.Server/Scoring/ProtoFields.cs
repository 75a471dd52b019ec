namespace CobraAD.Server.Scoring;

/// <summary>Walks through the fields of a protocol buffer message in memory; claims that go beyond it are damage.</summary>
/// <param name="message">The message.</param>
internal ref struct ProtoFields(ReadOnlySpan<byte> message)
{
    private ReadOnlySpan<byte> rest = message;

    /// <summary>The field's number.</summary>
    public int Number { get; private set; }

    /// <summary>Its value, when it is a number.</summary>
    public ulong Value { get; private set; }

    /// <summary>Its bytes, when it is a text or a message.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    /// <summary>Goes to the next field.</summary>
    /// <returns><see langword="false"/> at the end.</returns>
    /// <exception cref="InvalidDataException">The message is damaged.</exception>
    public bool Next()
    {
        if (rest.IsEmpty) return false;
        ulong tag = Varint();
        Number = (int)Math.Min(tag >> 3, int.MaxValue);
        Value = 0;
        Bytes = default;
        switch (tag & 7)
        {
            case 0:
                Value = Varint();
                break;
            case 1:
                Bytes = Take(8);
                break;
            case 2:
                Bytes = Take(Varint());
                break;
            case 5:
                Bytes = Take(4);
                break;
            default:
                throw new InvalidDataException("a field of an unknown kind");
        }

        return true;
    }

    private ReadOnlySpan<byte> Take(ulong length)
    {
        if (length > (ulong)rest.Length) throw new InvalidDataException("a field that is longer than its message");
        ReadOnlySpan<byte> taken = rest[..(int)length];
        rest = rest[(int)length..];
        return taken;
    }

    private ulong Varint()
    {
        ulong value = 0;
        for (int i = 0; i < 10 && i < rest.Length; i++)
        {
            value |= (ulong)(rest[i] & 0x7f) << (7 * i);
            if (rest[i] >= 0x80) continue;
            rest = rest[(i + 1)..];
            return value;
        }

        throw new InvalidDataException("a number without an end");
    }
}
