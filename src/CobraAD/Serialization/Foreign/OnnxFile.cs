using CobraAD.Serialization.Protobuf;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Serialization.Foreign;

/// <summary>
/// The fixed tensors and the operators of an ONNX model (ModelProto, by the public schema), read without running anything. Only where a
/// tensor's bytes lie is kept; they are read when they are asked for.
/// </summary>
/// <remarks>Field numbers: Model{graph 7}, Graph{node 1, initializer 5}, Node{input 1, output 2, op_type 4, attribute 5}, Attribute{name 1, f 2, i 3, t 5, ints 8}, Tensor{dims 1, data_type 2, float_data 4, name 8, raw_data 9, double_data 10, data_location 14}.</remarks>
internal sealed class OnnxFile : IDisposable
{
    private const int MostParts = 100_000;
    private const int MostNumbers = 64;
    private const int MostSides = 16;
    private const int SliceBytes = 4 << 20;

    private readonly FileStream stream;
    private readonly string path;
    private readonly Dictionary<string, OnnxTensor> initializers = new(StringComparer.Ordinal);
    private readonly List<OnnxNode> nodes = [];

    private OnnxFile(FileStream stream, string path)
    {
        this.stream = stream;
        this.path = path;
    }

    /// <summary>The fixed tensors by name.</summary>
    public IReadOnlyDictionary<string, OnnxTensor> Initializers => initializers;

    /// <summary>The operators of the main graph, each after those whose results it uses.</summary>
    public IReadOnlyList<OnnxNode> Nodes => nodes;

    /// <summary>Whether a file is an ONNX model, from its name or its first bytes: a version number, then a text or the graph.</summary>
    public static bool Is(string path, ReadOnlySpan<byte> start) =>
        Path.GetExtension(path).Equals(".onnx", StringComparison.OrdinalIgnoreCase) || (start.Length > 2 && start[0] == 0x08 && start[1] < 0x20 && start[2] is 0x12 or 0x3a);

    /// <summary>Opens a model; the caller disposes it.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ModelFormatException">The file is damaged or no ONNX model.</exception>
    public static OnnxFile Open(string path)
    {
        OnnxFile file = new(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16), path);
        try
        {
            ProtoReader model = new(file.stream, file.stream.Length);
            bool hasGraph = false;
            for (int field = model.Next(); field != 0; field = model.Next())
            {
                if (field != 7) continue;
                hasGraph = true;
                file.ReadGraph(model.Message());
            }

            return hasGraph ? file : throw new ModelFormatException($"{path}: not an ONNX model: it has no graph. Check the path.");
        }
        catch (InvalidDataException e)
        {
            file.Dispose();
            throw new ModelFormatException($"{path}: not a readable ONNX model: it has {e.Message}. The file is damaged, cut short or something else: copy or export it again.", e);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Reads a tensor as float32; the caller disposes it.</summary>
    /// <exception cref="ModelFormatException">Its elements are of an unsupported type, in another file, or do not fill its shape.</exception>
    public Tensor Read(OnnxTensor tensor)
    {
        string where = $"{path}, tensor \"{tensor.Name}\"";
        if (tensor.IsElsewhere) throw new ModelFormatException($"{where}: its elements are in a separate file, which is not read. Export the model into one file.");
        (ScalarType type, int width) = tensor.Type switch
        {
            1 => (ScalarType.Float32, 4),
            10 => (ScalarType.Float16, 2),
            11 => (ScalarType.Float64, 8),
            16 => (ScalarType.BFloat16, 2),
            _ => throw new ModelFormatException($"{where}: its elements are of the type {tensor.Type}; weights of the types float (1), float16 (10), double (11) and bfloat16 (16) are read. Export the model without quantisation."),
        };
        if (tensor.Start < 0) throw new ModelFormatException($"{where}: its elements are not kept as one row of bytes. Export the model with a current exporter.");
        if (tensor.Shape.Length > MostSides) throw new ModelFormatException($"{where}: {tensor.Shape.Length} dimensions, at most {MostSides} are read. The file is damaged: export it again.");
        Int128 bytes = width;
        foreach (long side in tensor.Shape)
        {
            if (side < 0) throw new ModelFormatException($"{where}: a side of {side}. The file is damaged: export it again.");
            bytes = Int128.Min(bytes * side, long.MaxValue);
        }

        if (bytes != tensor.Length) throw new ModelFormatException($"{where}: [{string.Join(", ", tensor.Shape)}] needs {bytes} bytes, it has {tensor.Length}. The file is damaged: export it again.");
        using DisposeScope scope = NewDisposeScope();
        Tensor values = empty(tensor.Shape, type);
        Tensor flat = values.view(-1);
        stream.Position = tensor.Start;
        for (long start = 0, count = tensor.Length / width; start < count;)
        {
            long part = Math.Min(SliceBytes / width, count - start);
            using Tensor slice = flat.narrow(0, start, part);
            stream.ReadExactly(slice.bytes);
            start += part;
        }

        return values.to(ScalarType.Float32).MoveToOuterDisposeScope();
    }

    public void Dispose() => stream.Dispose();

    private void ReadGraph(ProtoReader graph)
    {
        for (int field = graph.Next(); field != 0; field = graph.Next())
        {
            if (field == 1) nodes.Add(ReadNode(graph.Message()));
            if (field == 5)
            {
                OnnxTensor tensor = ReadTensor(graph.Message());
                if (!initializers.TryAdd(tensor.Name, tensor)) throw new ModelFormatException($"{path}: the tensor \"{tensor.Name}\" occurs twice. The file is damaged: export it again.");
            }

            if (nodes.Count > MostParts || initializers.Count > MostParts) throw new ModelFormatException($"{path}: more than {MostParts} operators or tensors; no supported network has so many.");
        }
    }

    private static OnnxNode ReadNode(ProtoReader message)
    {
        string operation = "";
        List<string> inputs = [], outputs = [];
        Dictionary<string, IReadOnlyList<long>> numbers = new(StringComparer.Ordinal);
        float? epsilon = null;
        OnnxTensor? value = null;
        for (int field = message.Next(); field != 0; field = message.Next())
        {
            switch (field)
            {
                case 1: inputs.Add(message.Text()); break;
                case 2: outputs.Add(message.Text()); break;
                case 4: operation = message.Text(); break;
                case 5: ReadAttribute(message.Message()); break;
            }
        }

        return new OnnxNode(operation, inputs, outputs) { Numbers = numbers, Epsilon = epsilon, Value = value };

        void ReadAttribute(ProtoReader attribute)
        {
            string name = "";
            List<long> found = [];
            for (int field = attribute.Next(); field != 0; field = attribute.Next())
            {
                switch (field)
                {
                    case 1: name = attribute.Text(); break;
                    case 2 when name == "epsilon": epsilon = attribute.Single(); break;
                    case 3 or 8 when name is "strides" or "transB" or "group": found.AddRange(attribute.Numbers(MostNumbers)); break;
                    case 5 when operation is "Constant" or "": value = ReadTensor(attribute.Message()); break;
                }
            }

            numbers[name] = found;
        }
    }

    private static OnnxTensor ReadTensor(ProtoReader message)
    {
        string name = "";
        List<long> shape = [];
        long type = 0, start = -1, length = 0;
        bool isElsewhere = false;
        for (int field = message.Next(); field != 0; field = message.Next())
        {
            switch (field)
            {
                case 1: shape.AddRange(message.Numbers(MostNumbers)); break;
                case 2: type = message.Number(); break;
                // Packed floats and doubles are the same bytes as raw data; several pieces would not be one row.
                case 4 or 9 or 10: (start, length) = start >= 0 ? (-1, 0) : message.Bytes(); break;
                case 8: name = message.Text(); break;
                case 14: isElsewhere = message.Number() == 1; break;
            }
        }

        return new OnnxTensor(name, type, [.. shape], start, length, isElsewhere);
    }
}

/// <summary>An operator of an ONNX graph, with the attributes that tell a network's weights and strides.</summary>
/// <param name="Operation">Its name in the standard.</param>
/// <param name="Inputs">The names of its inputs; empty ones are left out.</param>
/// <param name="Outputs">The names of its outputs.</param>
internal sealed record OnnxNode(string Operation, IReadOnlyList<string> Inputs, IReadOnlyList<string> Outputs)
{
    /// <summary>Whole-number attributes by name.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<long>> Numbers { get; init; } = new Dictionary<string, IReadOnlyList<long>>();

    /// <summary>"epsilon" of a normalisation.</summary>
    public float? Epsilon { get; init; }

    /// <summary>The value of a Constant.</summary>
    public OnnxTensor? Value { get; init; }
}

/// <summary>A fixed tensor of an ONNX model that has not been read yet.</summary>
/// <param name="Name">Its name in the graph; empty inside a Constant node.</param>
/// <param name="Type">The element type's number in the standard.</param>
/// <param name="Shape">Its sides; nothing about them has been checked.</param>
/// <param name="Start">Where its little-endian elements begin in the file; -1 when they are not kept as one row of bytes.</param>
/// <param name="Length">How many bytes they have.</param>
/// <param name="IsElsewhere">Whether the elements are in another file.</param>
internal sealed record OnnxTensor(string Name, long Type, long[] Shape, long Start, long Length, bool IsElsewhere);
