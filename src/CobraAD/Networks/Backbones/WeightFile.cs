using System.Buffers.Binary;
using CobraAD.Serialization;
using CobraAD.Serialization.Foreign;
using CobraAD.Serialization.Tensors;

namespace CobraAD.Networks.Backbones;

/// <summary>Reads named tensors from the files in which weights are passed on, told apart by their content.</summary>
internal static class WeightFile
{
    /// <summary>The tensors of a file by name, on the CPU; the caller disposes them.</summary>
    /// <param name="path">The file.</param>
    /// <param name="network">What they are for, by whose structure they are found in an ONNX model that does not name them; by names only when <see langword="null"/>.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ModelFormatException">The file is damaged, of an unknown format, or holds more than plain tensors.</exception>
    public static TensorBundle Read(string path, FeatureNetwork? network = null)
    {
        byte[] start = new byte[10];
        int length;
        using (FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read)) length = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        if (length >= 4 && start.AsSpan(0, 4).SequenceEqual("PK\u0003\u0004"u8)) return PyTorchFile.Read(path);
        // A safetensors file: the length of a header that begins with a brace.
        if (length >= 9 && start[8] == (byte)'{' && BinaryPrimitives.ReadInt64LittleEndian(start) is > 0 and < 1L << 32) return Safetensors.Read(path);
        if (length >= 2 && start[0] == 0x80 && start[1] <= 5)
            throw new ModelFormatException($"{path}: a bare pickle, as PyTorch wrote before version 1.6. Load and save it with a newer PyTorch, best as safetensors.");
        if (OnnxFile.Is(path, start.AsSpan(0, length))) return OnnxWeights.Read(path, network);
        return TorchSharpFile.Read(path);
    }
}
