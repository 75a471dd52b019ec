using System.Buffers.Binary;
using System.Text;
using static TorchSharp.torch;

namespace CobraAD.Serialization.Foreign;

/// <summary>
/// The part of Python's pickle language that describes dictionaries of tensors. A pickle is a program for a stack machine that may
/// name any function and call it; this machine knows the names of plain tensors alone and calls nothing. Everything else is refused.
/// </summary>
internal sealed class PickleReader
{
    private static readonly Dictionary<string, (ScalarType Type, int Bytes)> Storages = new(StringComparer.Ordinal)
    {
        ["torch.DoubleStorage"] = (ScalarType.Float64, 8),
        ["torch.FloatStorage"] = (ScalarType.Float32, 4),
        ["torch.HalfStorage"] = (ScalarType.Float16, 2),
        ["torch.BFloat16Storage"] = (ScalarType.BFloat16, 2),
        ["torch.LongStorage"] = (ScalarType.Int64, 8),
        ["torch.IntStorage"] = (ScalarType.Int32, 4),
        ["torch.ShortStorage"] = (ScalarType.Int16, 2),
        ["torch.CharStorage"] = (ScalarType.Int8, 1),
        ["torch.ByteStorage"] = (ScalarType.Byte, 1),
        ["torch.BoolStorage"] = (ScalarType.Bool, 1),
    };

    private static readonly HashSet<string> Functions = ["collections.OrderedDict", "torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_parameter"];

    private readonly byte[] code;
    private readonly string source;
    private readonly List<object?> stack = [];
    private readonly Stack<int> marks = new();
    private readonly Dictionary<long, object?> memo = [];
    private int position;

    private PickleReader(byte[] code, string source)
    {
        this.code = code;
        this.source = source;
    }

    /// <summary>What the pickle describes: dictionaries, lists, tuples (arrays), numbers, strings and <see cref="PickledTensor"/>.</summary>
    /// <param name="code">The pickle.</param>
    /// <param name="source">What is read, for messages.</param>
    /// <exception cref="ModelFormatException">It is damaged, or asks for something besides plain tensors.</exception>
    public static object? Read(byte[] code, string source) => new PickleReader(code, source).Run();

    /// <summary>What a value is, in words.</summary>
    public static string Describe(object? value) => value switch
    {
        null => "nothing",
        PickledTensor => "a single tensor",
        Dictionary<object, object?> => "a dictionary",
        object?[] or List<object?> => "a list",
        string => "a text",
        _ => "a number",
    };

    private object? Run()
    {
        while (true)
        {
            byte instruction = Byte();
            switch (instruction)
            {
                case 0x80: if (Byte() > 5) throw Damaged("its protocol is newer than 5"); break;
                case 0x95: Skip(8); break; // FRAME: only a hint for buffering
                case (byte)'.': return Pop();
                case (byte)'(': marks.Push(stack.Count); break;
                case (byte)'0': Pop(); break;
                case (byte)'N': stack.Add(null); break;
                case 0x88: stack.Add(true); break;
                case 0x89: stack.Add(false); break;
                case (byte)'J': stack.Add((long)BinaryPrimitives.ReadInt32LittleEndian(Bytes(4))); break;
                case (byte)'K': stack.Add((long)Byte()); break;
                case (byte)'M': stack.Add((long)BinaryPrimitives.ReadUInt16LittleEndian(Bytes(2))); break;
                case 0x8a: stack.Add(Long()); break;
                case (byte)'G': stack.Add(BinaryPrimitives.ReadDoubleBigEndian(Bytes(8))); break;
                case (byte)'X': stack.Add(Text(BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4)))); break;
                case 0x8c: stack.Add(Text(Byte())); break;
                case (byte)')': stack.Add(Array.Empty<object?>()); break;
                case 0x85: stack.Add(PopMany(1)); break;
                case 0x86: stack.Add(PopMany(2)); break;
                case 0x87: stack.Add(PopMany(3)); break;
                case (byte)'t': stack.Add(PopToMark()); break;
                case (byte)'}': stack.Add(new Dictionary<object, object?>()); break;
                case (byte)']': stack.Add(new List<object?>()); break;
                case (byte)'l': stack.Add(new List<object?>(PopToMark())); break;
                case (byte)'a': Append(PopMany(1)); break;
                case (byte)'e': Append(PopToMark()); break;
                case (byte)'s': SetItems(PopMany(2)); break;
                case (byte)'u': SetItems(PopToMark()); break;
                case (byte)'q': memo[Byte()] = Top(); break;
                case (byte)'r': memo[BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4))] = Top(); break;
                case 0x94: memo[memo.Count] = Top(); break;
                case (byte)'h': stack.Add(Remembered(Byte())); break;
                case (byte)'j': stack.Add(Remembered(BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4)))); break;
                case (byte)'c': stack.Add(Named($"{Line()}.{Line()}")); break;
                case 0x93: stack.Add(StackNamed()); break;
                case (byte)'Q': stack.Add(StorageOf(Pop())); break;
                case (byte)'R': Rebuild(); break;
                case (byte)'b': Pop(); break; // BUILD: attributes of an OrderedDict, such as version numbers
                default:
                    throw new ModelFormatException(
                        $"{source}: the pickle has the instruction 0x{instruction:x2} at byte {position - 1}, which no plain state dict needs; it was not carried out. {Remedy}");
            }
        }
    }

    private const string Remedy = "Save the state dict as safetensors, or make sure where the file comes from.";

    private PickledName StackNamed()
    {
        object?[] parts = PopMany(2);
        return Named($"{parts[0] as string}.{parts[1] as string}");
    }

    private PickledName Named(string name) => Functions.Contains(name) || Storages.ContainsKey(name)
        ? new PickledName(name)
        : throw new ModelFormatException($"{source}: the pickle names '{name}', which no plain state dict needs; it could run code when loaded elsewhere, and was not run here. {Remedy}");

    private void Rebuild()
    {
        object?[] arguments = Pop() as object?[] ?? throw Damaged("a call has no arguments");
        string name = (Pop() as PickledName)?.Name ?? throw Damaged("something that is not a name is called");
        stack.Add(name switch
        {
            "collections.OrderedDict" when arguments.Length == 0 => new Dictionary<object, object?>(),
            "torch._utils._rebuild_tensor_v2" when arguments is [PickledStorage storage, long offset, object?[] shape, object?[] stride, ..]
                && shape.Length == stride.Length && shape.Length <= 16 && shape.Concat(stride).All(side => side is long) =>
                new PickledTensor(storage, offset, [.. shape.Cast<long>()], [.. stride.Cast<long>()]),
            "torch._utils._rebuild_parameter" when arguments is [PickledTensor tensor, ..] => tensor,
            _ => throw Damaged($"'{name}' has other arguments than PyTorch writes"),
        });
    }

    private PickledStorage StorageOf(object? identity)
    {
        if (identity is object?[] and ["storage", PickledName type, string key, string, long count] && Storages.TryGetValue(type.Name, out (ScalarType Type, int Bytes) known))
            return new PickledStorage(key, known.Type, known.Bytes, count);
        throw Damaged("a reference to data has other parts than PyTorch writes");
    }

    private void Append(object?[] values) => (Top() as List<object?> ?? throw Damaged("something is appended to no list")).AddRange(values);

    private void SetItems(object?[] values)
    {
        Dictionary<object, object?> target = Top() as Dictionary<object, object?> ?? throw Damaged("an entry is added to no dictionary");
        if (values.Length % 2 != 0) throw Damaged("a dictionary's entry has no value");
        for (int i = 0; i < values.Length; i += 2) target[values[i] as string ?? values[i] as object ?? throw Damaged("a dictionary's key is None")] = values[i + 1];
    }

    private object? Remembered(long key) => memo.TryGetValue(key, out object? value) ? value : throw Damaged($"it refers to entry {key} of its memory, which is empty");

    private object? Top() => stack.Count > (marks.TryPeek(out int mark) ? mark : 0) ? stack[^1] : throw Damaged("its stack is empty");

    private object? Pop()
    {
        object? value = Top();
        stack.RemoveAt(stack.Count - 1);
        return value;
    }

    private object?[] PopMany(int count)
    {
        object?[] values = new object?[count];
        for (int i = count - 1; i >= 0; i--) values[i] = Pop();
        return values;
    }

    private object?[] PopToMark()
    {
        if (!marks.TryPop(out int mark) || mark > stack.Count) throw Damaged("it has no mark on its stack");
        object?[] values = [.. stack[mark..]];
        stack.RemoveRange(mark, stack.Count - mark);
        return values;
    }

    private long Long()
    {
        int length = Byte();
        if (length > 8) throw Damaged("it has a whole number of more than 64 bits");
        ReadOnlySpan<byte> bytes = Bytes(length);
        long value = length > 0 && (bytes[^1] & 0x80) != 0 ? -1 : 0;
        for (int i = length - 1; i >= 0; i--) value = value << 8 | bytes[i];
        return value;
    }

    private string Text(uint length) => Encoding.UTF8.GetString(Bytes(length > int.MaxValue ? int.MaxValue : (int)length));

    private string Line()
    {
        int end = Array.IndexOf(code, (byte)'\n', position);
        if (end < 0) throw Damaged("it ends too early");
        string line = Encoding.UTF8.GetString(code, position, end - position);
        position = end + 1;
        return line;
    }

    private byte Byte() => Bytes(1)[0];

    private void Skip(int count) => _ = Bytes(count);

    private ReadOnlySpan<byte> Bytes(int count)
    {
        if (count > code.Length - position) throw Damaged("it ends too early");
        position += count;
        return code.AsSpan(position - count, count);
    }

    private ModelFormatException Damaged(string what) => new($"{source}: the pickle cannot be read: {what} (byte {position}). The file is damaged or no PyTorch state dict: copy it again from its source.");

    /// <summary>One of the names that the reader knows.</summary>
    private sealed record PickledName(string Name);
}

/// <summary>A tensor as a pickle describes it: a view of raw numbers. Nothing about it has been checked.</summary>
internal sealed record PickledTensor(PickledStorage Storage, long Offset, long[] Shape, long[] Stride);

/// <summary>The raw numbers that a pickle refers to.</summary>
/// <param name="Key">Name of the zip entry that holds them.</param>
/// <param name="Type">Element type.</param>
/// <param name="ElementBytes">Bytes of a number.</param>
/// <param name="Count">How many numbers.</param>
internal sealed record PickledStorage(string Key, ScalarType Type, int ElementBytes, long Count);
