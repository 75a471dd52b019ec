using System.Buffers.Binary;
using CobraAD.Torch.Files;
using static TorchSharp.torch;

namespace CobraAD.Serialization.Tensors;

/// <summary>
/// Reads and writes the safetensors format: eight bytes of header length (little endian), a JSON header, the raw tensors. Nothing in it
/// is ever executed, and PyTorch reads it.
/// </summary>
/// <remarks>Tensors may be larger than 2 GiB: they pass in slices.</remarks>
internal static class Safetensors
{
    private const int PrefixLength = 8;
    private const int SliceBytes = 4 << 20;

    /// <summary>Writes tensors to a file, which appears complete or not at all.</summary>
    /// <param name="path">The file to make or replace.</param>
    /// <param name="tensors">Dense tensors of any device by name; unchanged.</param>
    /// <param name="metadata">Free text to keep with them.</param>
    /// <exception cref="ArgumentException">A tensor's name or element type cannot be stored.</exception>
    public static void Write(string path, IReadOnlyDictionary<string, Tensor> tensors, IReadOnlyDictionary<string, string>? metadata = null) =>
        AtomicFile.Write(path, stream => Write(stream, tensors, metadata));

    /// <summary>Writes tensors to a stream. The same tensors always give the same bytes.</summary>
    /// <param name="stream">Where to; it need not be seekable and stays open.</param>
    /// <param name="tensors">Dense tensors of any device by name; unchanged.</param>
    /// <param name="metadata">Free text to keep with them.</param>
    /// <exception cref="ArgumentException">A tensor's name or element type cannot be stored.</exception>
    public static void Write(Stream stream, IReadOnlyDictionary<string, Tensor> tensors, IReadOnlyDictionary<string, string>? metadata = null) =>
        Write(stream, tensors, metadata, position: 0);

    /// <summary>Writes tensors to a stream that is a part of a file, aligned there so that they can be mapped.</summary>
    /// <param name="stream">Where to; it need not be seekable and stays open.</param>
    /// <param name="tensors">Dense tensors of any device by name; unchanged.</param>
    /// <param name="metadata">Free text to keep with them.</param>
    /// <param name="position">Where in the file the stream begins.</param>
    internal static void Write(Stream stream, IReadOnlyDictionary<string, Tensor> tensors, IReadOnlyDictionary<string, string>? metadata, long position)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(tensors);
        SafetensorsHeader header = SafetensorsHeader.For(tensors, metadata ?? new Dictionary<string, string>());
        WriteHeader(stream, header, position);
        foreach (SafetensorsHeader.Item item in header.Items)
        {
            using IDisposable gradientsOff = no_grad();
            using IDisposable scope = NewDisposeScope();
            Tensor flat = tensors[item.Name].detach().cpu().contiguous().view(-1);
            ForEachSlice(item, flat, slice => stream.Write(slice));
        }
    }

    /// <summary>Writes one matrix that need not fit into memory, row block by row block. The file appears complete or not at all.</summary>
    /// <param name="path">The file to make or replace.</param>
    /// <param name="name">The matrix's name.</param>
    /// <param name="rows">Its rows.</param>
    /// <param name="columns">Its columns.</param>
    /// <param name="blocks">float32 [any, columns] one after the other; each is disposed when it is written.</param>
    /// <exception cref="ArgumentException">A block has another type or width, or the blocks have more or fewer rows together.</exception>
    internal static void WriteMatrix(string path, string name, long rows, long columns, IEnumerable<Tensor> blocks) => AtomicFile.Write(path, stream =>
    {
        SafetensorsHeader.Item item = new(name, ScalarType.Float32, sizeof(float), [rows, columns], 0, checked(rows * columns * sizeof(float)));
        WriteHeader(stream, new SafetensorsHeader([item], new Dictionary<string, string>(), item.End), position: 0);
        long written = 0;
        foreach (Tensor block in blocks)
        {
            using IDisposable gradientsOff = no_grad();
            using IDisposable scope = NewDisposeScope();
            using Tensor own = block;
            if (own.dtype != ScalarType.Float32 || own.dim() != 2 || own.size(1) != columns)
                throw new ArgumentException($"Expected blocks of float32 [any, {columns}], found {own.dtype} [{string.Join(", ", own.shape)}] after {written} rows.", nameof(blocks));
            if ((written += own.size(0)) > rows) throw new ArgumentException($"The blocks have more than the {rows} rows that were announced.", nameof(blocks));
            Tensor flat = own.detach().cpu().contiguous().view(-1);
            ForEachSlice(item with { End = flat.numel() * sizeof(float) }, flat, slice => stream.Write(slice));
        }

        if (written != rows) throw new ArgumentException($"The blocks have {written} rows together; {rows} were announced.", nameof(blocks));
    });

    /// <summary>
    /// The tensors of a file without reading them: they come from the disk when they are touched, so a file may be larger than memory.
    /// They are read-only: writing to one ends the process.
    /// </summary>
    /// <param name="path">A safetensors file; it may be replaced or deleted meanwhile, but not changed in place.</param>
    /// <returns>Its tensors on the CPU and its metadata; the caller disposes it.</returns>
    /// <exception cref="ModelFormatException">The file is damaged, incomplete or something else.</exception>
    public static TensorBundle Map(string path)
    {
        long length = new FileInfo(path).Length;
        if (length < PrefixLength) throw SafetensorsHeader.Damaged(path, $"it has {length} bytes, fewer than the {PrefixLength} of the smallest one");
        using MappedFile file = new(path, 0, length);
        return Map(file, path);
    }

    /// <summary>The tensors of a mapped part of a file. Those that are not aligned, as in files of other programs, are read.</summary>
    /// <param name="file">The part; the tensors keep what they need of it.</param>
    /// <param name="source">What it is, for messages.</param>
    internal static unsafe TensorBundle Map(MappedFile file, string source)
    {
        using UnmanagedMemoryStream start = new(file.Bytes, file.Length);
        SafetensorsHeader header = ReadHeader(start, file.Length, source);
        long dataStart = start.Position;
        Dictionary<string, Tensor> tensors = new(StringComparer.Ordinal);
        try
        {
            foreach (SafetensorsHeader.Item item in header.Items)
            {
                long offset = dataStart + item.Begin;
                bool mapped = item.End > item.Begin && (nint)(file.Bytes + offset) % item.ElementBytes == 0;
                Tensor tensor = (mapped ? file.At(offset, [.. item.Shape], item.Type) : empty([.. item.Shape], item.Type)).DetachFromDisposeScope();
                tensors.Add(item.Name, tensor);
                if (mapped) continue;
                start.Position = offset;
                using Tensor flat = tensor.view(-1);
                ForEachSlice(item, flat, start.ReadExactly);
            }

            return new TensorBundle(tensors, header.Metadata);
        }
        catch
        {
            // A tensor that is left over would keep the file mapped.
            foreach (Tensor made in tensors.Values) made.Dispose();
            throw;
        }
    }

    /// <summary>Reads a file.</summary>
    /// <param name="path">A safetensors file.</param>
    /// <returns>Its tensors on the CPU and its metadata; the caller disposes it.</returns>
    /// <exception cref="ModelFormatException">The file is damaged, incomplete or something else.</exception>
    public static TensorBundle Read(string path)
    {
        using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
        return Read(stream, stream.Length, path);
    }

    /// <summary>Reads only the free text of a file; no tensor is read.</summary>
    /// <param name="path">A safetensors file.</param>
    /// <exception cref="ModelFormatException">The file is damaged, incomplete or something else.</exception>
    public static IReadOnlyDictionary<string, string> ReadMetadata(string path)
    {
        using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        return ReadHeader(stream, stream.Length, path).Metadata;
    }

    /// <summary>Reads from a stream.</summary>
    /// <param name="stream">Positioned at the beginning; it need not be seekable and stays open.</param>
    /// <param name="length">How many bytes the stream has. Nothing larger is ever allocated, whatever the header says.</param>
    /// <param name="source">What is read, for messages.</param>
    /// <returns>The tensors on the CPU and the metadata; the caller disposes it.</returns>
    /// <exception cref="ModelFormatException">The content is damaged, incomplete or something else.</exception>
    public static TensorBundle Read(Stream stream, long length, string source)
    {
        ArgumentNullException.ThrowIfNull(stream);
        Dictionary<string, Tensor> tensors = new(StringComparer.Ordinal);
        try
        {
            SafetensorsHeader header = ReadHeader(stream, length, source);
            foreach (SafetensorsHeader.Item item in header.Items)
            {
                Tensor tensor = empty([.. item.Shape], item.Type).DetachFromDisposeScope();
                tensors.Add(item.Name, tensor);
                using Tensor flat = tensor.view(-1);
                ForEachSlice(item, flat, stream.ReadExactly);
            }

            return new TensorBundle(tensors, header.Metadata);
        }
        catch (Exception exception)
        {
            foreach (Tensor tensor in tensors.Values) tensor.Dispose();
            if (exception is EndOfStreamException) throw SafetensorsHeader.Damaged(source, "it ends before its last tensor", exception);
            throw;
        }
    }

    private static void WriteHeader(Stream stream, SafetensorsHeader header, long position)
    {
        byte[] json = header.ToBytes(position + PrefixLength);
        if (json.Length > SafetensorsHeader.MaximumLength)
            throw new ArgumentException($"The names and shapes of {header.Items.Count} tensors take {json.Length} bytes, more than the {SafetensorsHeader.MaximumLength} that a header may have. Split them over several files.", nameof(header));
        Span<byte> prefix = stackalloc byte[PrefixLength];
        BinaryPrimitives.WriteInt64LittleEndian(prefix, json.Length);
        stream.Write(prefix);
        stream.Write(json);
    }

    private static SafetensorsHeader ReadHeader(Stream stream, long length, string source)
    {
        Span<byte> prefix = stackalloc byte[PrefixLength];
        if (length < PrefixLength) throw SafetensorsHeader.Damaged(source, $"it has {length} bytes, fewer than the {PrefixLength} of the smallest one");
        stream.ReadExactly(prefix);
        ulong headerLength = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (headerLength > SafetensorsHeader.MaximumLength || (long)headerLength > length - PrefixLength)
            throw SafetensorsHeader.Damaged(source, $"it claims a header of {headerLength} bytes; at most {Math.Min(SafetensorsHeader.MaximumLength, length - PrefixLength)} are possible");

        byte[] json = new byte[(int)headerLength];
        stream.ReadExactly(json);
        return SafetensorsHeader.Parse(json, length - PrefixLength - json.Length, source);
    }

    private delegate void SliceTransfer(Span<byte> slice);

    // Spans have int lengths, so a tensor's bytes are never taken as one span.
    private static void ForEachSlice(SafetensorsHeader.Item item, Tensor flat, SliceTransfer transfer)
    {
        long elements = (item.End - item.Begin) / item.ElementBytes;
        int step = SliceBytes / item.ElementBytes;
        for (long start = 0; start < elements; start += step)
        {
            using Tensor slice = flat.narrow(0, start, Math.Min(step, elements - start));
            transfer(slice.bytes);
        }
    }
}
