using System.Text;
using CobraAD.Serialization.Tensors;
using static TorchSharp.torch;

namespace CobraAD.Serialization.Foreign;

/// <summary>
/// TorchSharp's <c>.dat</c>: the number of tensors, then for each its name, element type, shape and raw bytes, little endian; numbers in
/// LEB128.
/// </summary>
internal static class TorchSharpFile
{
    private const int MaximumTensors = 100_000;
    private const int MaximumRank = 16;
    private const int SliceBytes = 4 << 20;

    public static TensorBundle Read(string path)
    {
        Dictionary<string, Tensor> tensors = new(StringComparer.Ordinal);
        using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
        using BinaryReader reader = new(stream, Encoding.UTF8);
        try
        {
            long count = reader.Read7BitEncodedInt64();
            if (count is < 1 or > MaximumTensors) throw Damaged(path, $"it claims {count} tensors");
            for (long i = 0; i < count; i++)
            {
                string name = reader.ReadString();
                Tensor tensor = ReadTensor(reader, stream, name, path);
                if (!tensors.TryAdd(name, tensor))
                {
                    tensor.Dispose();
                    throw Damaged(path, $"the tensor '{name}' occurs twice");
                }
            }

            return new TensorBundle(tensors, new Dictionary<string, string>());
        }
        catch (Exception exception)
        {
            foreach (Tensor tensor in tensors.Values) tensor.Dispose();
            if (exception is EndOfStreamException or FormatException and not ModelFormatException) throw Damaged(path, "it ends too early or is something else", exception);
            throw;
        }
    }

    private static Tensor ReadTensor(BinaryReader reader, FileStream stream, string name, string path)
    {
        ScalarType type = (ScalarType)reader.Read7BitEncodedInt64();
        int width = WidthOf(type) ?? throw Damaged(path, $"'{name}' has an unknown element type ({(long)type})");
        long rank = reader.Read7BitEncodedInt64();
        if (rank is < 0 or > MaximumRank) throw Damaged(path, $"'{name}' claims {rank} dimensions");
        long[] shape = new long[rank];
        long bytes = width;
        for (int i = 0; i < rank; i++)
        {
            shape[i] = reader.Read7BitEncodedInt64();
            if (shape[i] < 0 || (shape[i] > 0 && bytes > stream.Length / shape[i])) throw Damaged(path, $"'{name}' is larger than the file");
            bytes *= shape[i];
        }

        if (bytes > stream.Length - stream.Position) throw Damaged(path, $"it ends within '{name}'");
        Tensor tensor = empty(shape, type).DetachFromDisposeScope();
        using Tensor flat = tensor.view(-1);
        for (long start = 0, elements = bytes / width; start < elements;)
        {
            long part = Math.Min(SliceBytes / width, elements - start);
            using Tensor slice = flat.narrow(0, start, part);
            stream.ReadExactly(slice.bytes);
            start += part;
        }

        return tensor;
    }

    private static int? WidthOf(ScalarType type) => type switch
    {
        ScalarType.Float64 or ScalarType.Int64 => 8,
        ScalarType.Float32 or ScalarType.Int32 => 4,
        ScalarType.Float16 or ScalarType.BFloat16 or ScalarType.Int16 => 2,
        ScalarType.Byte or ScalarType.Int8 or ScalarType.Bool => 1,
        _ => null,
    };

    private static ModelFormatException Damaged(string path, string what, Exception? cause = null) => new(
        $"{path}: not a readable weight file: {what}. Known formats are safetensors, TorchSharp's .dat, PyTorch's state dicts (.pt, .pth) and ONNX (.onnx).", cause);
}
