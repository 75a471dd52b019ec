using System.IO.MemoryMappedFiles;
using static TorchSharp.torch;

namespace CobraAD.Torch.Files;

/// <summary>
/// A tensor that is written row by row into a file and read from there, so that it may be larger than memory. The file has no name: it goes with the
/// process, however that ends.
/// </summary>
internal sealed class ScratchRows : IDisposable
{
    private readonly FileStream stream;

    public ScratchRows()
    {
        string path = Path.Combine(ScratchFolder.Find(), $"cobra-{Guid.NewGuid():N}.rows");
        stream = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1 << 16);
        File.Delete(path);
    }

    /// <summary>Appends rows.</summary>
    /// <param name="rows">On the CPU; not disposed.</param>
    /// <exception cref="IOException">The disk is full.</exception>
    public void Add(Tensor rows)
    {
        // Row by row: a tensor's span is limited to 2 GiB.
        for (long i = 0; i < rows.size(0); i++)
        {
            using Tensor row = rows[i], dense = row.contiguous();
            stream.Write(dense.bytes);
        }
    }

    /// <summary>All rows, which may be written to; the caller disposes the tensor. Nothing can be added afterwards.</summary>
    /// <param name="shape">Their shape; not empty.</param>
    /// <param name="type">Their type.</param>
    public Tensor Map(ReadOnlySpan<long> shape, ScalarType type)
    {
        stream.Flush();
        using MappedFile map = new(stream, 0, stream.Length, MemoryMappedFileAccess.ReadWrite);
        return map.At(0, shape, type);
    }

    /// <inheritdoc/>
    public void Dispose() => stream.Dispose();
}
