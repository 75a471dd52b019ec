using System.Globalization;
using System.Text.Json;
using static TorchSharp.torch;

namespace CobraAD.Serialization.Tensors;

/// <summary>
/// The JSON header of a safetensors file: <c>{"name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, …}</c>. Offsets count
/// from the end of the header. A valid file's tensors fill the data section without gap or overlap.
/// </summary>
internal sealed record SafetensorsHeader(IReadOnlyList<SafetensorsHeader.Item> Items, IReadOnlyDictionary<string, string> Metadata, long DataLength)
{
    /// <summary>A header larger than this is refused: a model has thousands of tensors, not millions.</summary>
    public const int MaximumLength = 16 << 20;

    private const int MaximumRank = 16;
    private const string MetadataKey = "__metadata__";

    private static readonly Dictionary<string, (ScalarType Type, int Bytes)> Types = new(StringComparer.Ordinal)
    {
        ["F64"] = (ScalarType.Float64, 8),
        ["I64"] = (ScalarType.Int64, 8),
        ["F32"] = (ScalarType.Float32, 4),
        ["I32"] = (ScalarType.Int32, 4),
        ["F16"] = (ScalarType.Float16, 2),
        ["BF16"] = (ScalarType.BFloat16, 2),
        ["I16"] = (ScalarType.Int16, 2),
        ["I8"] = (ScalarType.Int8, 1),
        ["U8"] = (ScalarType.Byte, 1),
        ["BOOL"] = (ScalarType.Bool, 1),
    };

    /// <summary>One tensor's place; items are in the order of their bytes.</summary>
    public sealed record Item(string Name, ScalarType Type, int ElementBytes, IReadOnlyList<long> Shape, long Begin, long End);

    /// <summary>Lays tensors out: wide element types first, so that every tensor is aligned, then by name.</summary>
    public static SafetensorsHeader For(IReadOnlyDictionary<string, Tensor> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        List<(string Name, Tensor Tensor, int Bytes)> ordered = [];
        foreach ((string name, Tensor tensor) in tensors)
        {
            if (name is "" or MetadataKey) throw new ArgumentException($"\"{name}\" cannot be a tensor's name.", nameof(tensors));
            (string? code, (ScalarType _, int bytes)) = Types.FirstOrDefault(pair => pair.Value.Type == tensor.dtype);
            if (code is null || tensor.is_sparse)
                throw new ArgumentException($"Tensor \"{name}\" is {tensor.dtype}{(tensor.is_sparse ? " (sparse)" : "")}; safetensors files hold dense tensors of {string.Join(", ", Types.Values.Select(type => type.Type))}.", nameof(tensors));
            ordered.Add((name, tensor, bytes));
        }

        ordered.Sort((a, b) => a.Bytes != b.Bytes ? b.Bytes.CompareTo(a.Bytes) : string.CompareOrdinal(a.Name, b.Name));
        List<Item> items = [];
        long offset = 0;
        foreach ((string name, Tensor tensor, int bytes) in ordered)
        {
            long end = checked(offset + tensor.numel() * bytes);
            items.Add(new Item(name, tensor.dtype, bytes, tensor.shape, offset, end));
            offset = end;
        }

        return new SafetensorsHeader(items, metadata, offset);
    }

    /// <summary>The header as UTF-8, padded with spaces so that the data behind it begin at a multiple of eight bytes of the file.</summary>
    /// <param name="position">Where the header begins in the file.</param>
    public byte[] ToBytes(long position)
    {
        using MemoryStream buffer = new();
        using (Utf8JsonWriter writer = new(buffer))
        {
            writer.WriteStartObject();
            if (Metadata.Count > 0)
            {
                writer.WriteStartObject(MetadataKey);
                foreach ((string key, string value) in Metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal)) writer.WriteString(key, value);
                writer.WriteEndObject();
            }

            foreach (Item item in Items)
            {
                writer.WriteStartObject(item.Name);
                writer.WriteString("dtype", Types.First(pair => pair.Value.Type == item.Type).Key);
                writer.WriteStartArray("shape");
                foreach (long side in item.Shape) writer.WriteNumberValue(side);
                writer.WriteEndArray();
                writer.WriteStartArray("data_offsets");
                writer.WriteNumberValue(item.Begin);
                writer.WriteNumberValue(item.End);
                writer.WriteEndArray();
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        }

        while ((position + buffer.Length) % 8 != 0) buffer.WriteByte((byte)' ');
        return buffer.ToArray();
    }

    /// <summary>Reads and checks a header.</summary>
    /// <param name="json">The header's bytes.</param>
    /// <param name="dataLength">How many bytes follow it.</param>
    /// <param name="source">The file, for messages.</param>
    public static SafetensorsHeader Parse(ReadOnlyMemory<byte> json, long dataLength, string source)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false });
            Dictionary<string, string> metadata = new(StringComparer.Ordinal);
            List<Item> items = [];
            foreach (JsonProperty property in document.RootElement.EnumerateObject())
            {
                if (property.Name == MetadataKey)
                    foreach (JsonProperty pair in property.Value.EnumerateObject()) metadata.Add(pair.Name, pair.Value.GetString()!);
                else
                    items.Add(ParseItem(property, source));
            }

            // Empty tensors begin where they end; putting them first at equal offsets keeps the sweep below simple.
            items.Sort((a, b) => a.Begin != b.Begin ? a.Begin.CompareTo(b.Begin) : a.End.CompareTo(b.End));
            long covered = 0;
            foreach (Item item in items)
            {
                if (item.Begin != covered)
                    throw Damaged(source, $"tensor \"{item.Name}\" begins at byte {item.Begin}, but the tensors before it end at {covered} (they overlap or leave a gap)");
                covered = item.End;
            }

            if (covered != dataLength)
                throw Damaged(source, $"its tensors take {covered.ToString(CultureInfo.InvariantCulture)} bytes, but {dataLength.ToString(CultureInfo.InvariantCulture)} follow the header");
            return new SafetensorsHeader(items, metadata, dataLength);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw Damaged(source, $"its header is not the JSON that the format asks for ({exception.Message})", exception);
        }
    }

    /// <summary>The error of a file that is not what its format promises.</summary>
    public static ModelFormatException Damaged(string source, string problem, Exception? cause = null) =>
        new($"{source}: not a valid safetensors file: {problem}. The file is damaged or incomplete: copy or write it again.", cause);

    private static Item ParseItem(JsonProperty property, string source)
    {
        string? code = null;
        long[]? shape = null, offsets = null;
        foreach (JsonProperty member in property.Value.EnumerateObject())
        {
            switch (member.Name)
            {
                case "dtype": code = member.Value.GetString(); break;
                case "shape": shape = Integers(member.Value); break;
                case "data_offsets": offsets = Integers(member.Value); break;
                default: throw Damaged(source, $"tensor \"{property.Name}\" has an unknown member \"{member.Name}\"");
            }
        }

        if (code is null || shape is null || offsets is null || offsets.Length != 2)
            throw Damaged(source, $"tensor \"{property.Name}\" needs dtype, shape and two data_offsets");
        if (!Types.TryGetValue(code, out (ScalarType Type, int Bytes) type))
            throw new ModelFormatException($"{source}: tensor \"{property.Name}\" has the element type {code}; supported are {string.Join(", ", Types.Keys)}. Convert it before saving.");
        if (shape.Length > MaximumRank) throw Damaged(source, $"tensor \"{property.Name}\" has {shape.Length} dimensions, at most {MaximumRank} are allowed");

        Int128 bytes = type.Bytes;
        foreach (long side in shape)
        {
            bytes *= side;
            if (bytes > long.MaxValue) throw Damaged(source, $"the shape of tensor \"{property.Name}\" is too large for any file");
        }

        if (offsets[0] > offsets[1] || offsets[1] - offsets[0] != bytes)
            throw Damaged(source, $"tensor \"{property.Name}\" of shape [{string.Join(", ", shape)}] needs {bytes} bytes, its offsets [{offsets[0]}, {offsets[1]}] give {(Int128)offsets[1] - offsets[0]}");
        return new Item(property.Name, type.Type, type.Bytes, shape, offsets[0], offsets[1]);

        long[] Integers(JsonElement array)
        {
            long[] values = new long[array.GetArrayLength()];
            for (int i = 0; i < values.Length; i++)
            {
                if (!array[i].TryGetInt64(out values[i]) || values[i] < 0)
                    throw Damaged(source, $"tensor \"{property.Name}\" has {array[i].GetRawText()} where a whole number of at least 0 must be");
            }

            return values;
        }
    }
}
