using Google.Protobuf;

namespace CobraAD.Export.Graph;

/// <summary>
/// One protocol buffer message as a list of its fields. Sizes are added up while it is built, so that writing is one pass and large
/// tensors are never copied into a parent's buffer.
/// </summary>
internal sealed class ProtoMessage
{
    private readonly List<Action<CodedOutputStream>> fields = [];

    /// <summary>Bytes of the message.</summary>
    public long Size { get; private set; }

    public ProtoMessage Add(int number, long value)
    {
        Size += CodedOutputStream.ComputeTagSize(number) + CodedOutputStream.ComputeInt64Size(value);
        fields.Add(output =>
        {
            output.WriteTag(number, WireFormat.WireType.Varint);
            output.WriteInt64(value);
        });
        return this;
    }

    public ProtoMessage Add(int number, float value)
    {
        Size += CodedOutputStream.ComputeTagSize(number) + sizeof(float);
        fields.Add(output =>
        {
            output.WriteTag(number, WireFormat.WireType.Fixed32);
            output.WriteFloat(value);
        });
        return this;
    }

    public ProtoMessage Add(int number, string value)
    {
        Size += CodedOutputStream.ComputeTagSize(number) + CodedOutputStream.ComputeStringSize(value);
        fields.Add(output =>
        {
            output.WriteTag(number, WireFormat.WireType.LengthDelimited);
            output.WriteString(value);
        });
        return this;
    }

    public ProtoMessage Add(int number, ReadOnlyMemory<byte> value)
    {
        ByteString bytes = UnsafeByteOperations.UnsafeWrap(value);
        Size += CodedOutputStream.ComputeTagSize(number) + CodedOutputStream.ComputeBytesSize(bytes);
        fields.Add(output =>
        {
            output.WriteTag(number, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(bytes);
        });
        return this;
    }

    /// <summary>Adds a message that is complete: its size counts now.</summary>
    public ProtoMessage Add(int number, ProtoMessage child)
    {
        int size = checked((int)child.Size);
        Size += CodedOutputStream.ComputeTagSize(number) + CodedOutputStream.ComputeLengthSize(size) + size;
        fields.Add(output =>
        {
            output.WriteTag(number, WireFormat.WireType.LengthDelimited);
            output.WriteLength(size);
            child.WriteFields(output);
        });
        return this;
    }

    /// <summary>Writes the message; the stream stays open.</summary>
    public void WriteTo(Stream stream)
    {
        using CodedOutputStream output = new(stream, leaveOpen: true);
        WriteFields(output);
    }

    private void WriteFields(CodedOutputStream output)
    {
        foreach (Action<CodedOutputStream> write in fields) write(output);
    }
}
