using System.Collections.Concurrent;
using System.IO.MemoryMappedFiles;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace CobraAD.Torch.Files;

/// <summary>
/// A part of a file as tensors that are read from the disk when they are touched, and that take no memory which the system could not
/// take back. Unless it was opened for writing they are read-only: writing to one ends the process. The part stays mapped until the last of them and of their views is
/// gone; a file that is replaced or deleted meanwhile keeps its content, one that is cut short ends the process.
/// </summary>
internal sealed unsafe partial class MappedFile : IDisposable
{
    /// <summary>The part that a tensor's data lie in, by where they begin.</summary>
    private static readonly ConcurrentDictionary<nint, MappedFile> Owners = [];

    private const int ForgetPages = 4, FetchPages = 3;

    private readonly MemoryMappedViewAccessor view;
    private int users = 1;

    /// <summary>Maps a part of a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="offset">Where the part begins.</param>
    /// <param name="length">Its bytes; at least 1.</param>
    public MappedFile(string path, long offset, long length)
        : this(Open(path), offset, length)
    {
    }

    /// <summary>Maps a part of an open file, which may have been deleted meanwhile.</summary>
    /// <param name="stream">The file; closed.</param>
    /// <param name="offset">Where the part begins.</param>
    /// <param name="length">Its bytes; at least 1.</param>
    /// <param name="access">Whether tensors may be written to. Then all bytes must have a place on the disk: where there is none left, writing ends the process.</param>
    public MappedFile(FileStream stream, long offset, long length, MemoryMappedFileAccess access = MemoryMappedFileAccess.Read)
    {
        using FileStream closed = stream;
        using MemoryMappedFile file = MemoryMappedFile.CreateFromFile(stream, null, 0, access, HandleInheritability.None, leaveOpen: true);
        view = file.CreateViewAccessor(offset, length, access);
        byte* start = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        Bytes = start + view.PointerOffset;
        Length = length;
    }

    /// <summary>Where the part begins in memory.</summary>
    public byte* Bytes { get; }

    /// <summary>Bytes of the part.</summary>
    public long Length { get; }

    /// <summary>A tensor in the part; the caller disposes it. It may outlive this object.</summary>
    /// <param name="offset">Where its data begin; no two tensors begin at the same place.</param>
    /// <param name="shape">Its shape; not empty.</param>
    /// <param name="type">What its numbers are.</param>
    public Tensor At(long offset, ReadOnlySpan<long> shape, ScalarType type)
    {
        nint data = (nint)(Bytes + offset);
        Owners.TryAdd(data, this);
        Interlocked.Increment(ref users);
        nint handle;
        fixed (long* sizes = shape) handle = NewTensor(data, &Release, sizes, shape.Length, (sbyte)type, (sbyte)type, 0, 0, 0);
        if (handle == 0)
        {
            if (Owners.TryRemove(data, out _)) Dispose();
            CheckForErrors();
        }

        return Tensor.UnsafeCreateTensor(handle);
    }

    /// <summary>Whether a tensor, or what it is a view of, is one of a mapped part.</summary>
    /// <param name="tensor">On the CPU; not disposed.</param>
    public static bool Holds(Tensor tensor)
    {
        // One number: a tensor's span is limited to 2 GiB.
        using Tensor first = tensor.as_strided([1], [1], 0);
        fixed (byte* data = first.bytes) return Owners.ContainsKey((nint)data);
    }

    /// <summary>
    /// Takes all of the part out of this process's memory. The system keeps what it has room for, and whatever is touched next comes back from there
    /// or from the disk; other threads may read meanwhile. Only the bytes that count as this process's become fewer.
    /// </summary>
    public void Forget() => _ = Advise((nint)Bytes, (nuint)Length, ForgetPages);

    /// <summary>Lets the system begin to read some bytes from the disk, so that those of a batch come together and not one after the other.</summary>
    /// <param name="offset">Where they begin.</param>
    /// <param name="length">How many.</param>
    public void Fetch(long offset, long length)
    {
        nint start = (nint)(Bytes + offset), page = start & ~(Environment.SystemPageSize - 1);
        _ = Advise(page, (nuint)(length + start - page), FetchPages);
    }

    /// <summary>Unmaps the part, unless tensors still need it.</summary>
    public void Dispose()
    {
        if (Interlocked.Decrement(ref users) > 0) return;
        view.SafeMemoryMappedViewHandle.ReleasePointer();
        view.Dispose();
    }

    private static FileStream Open(string path) => new(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);

    /// <summary>libtorch's call when nothing uses a tensor's data any more.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Release(nint data)
    {
        if (Owners.TryRemove(data, out MappedFile? owner)) owner.Dispose();
    }

    /// <summary>TorchSharp's own entry for tensors over memory that it does not own; its managed form takes arrays only.</summary>
    [LibraryImport("LibTorchSharp", EntryPoint = "THSTensor_new")]
    private static partial nint NewTensor(
        nint data, delegate* unmanaged[Cdecl]<nint, void> release, long* sizes, int dimensions, sbyte type, sbyte asType, int device, int deviceIndex, byte requiresGradient);

    /// <summary>Advice: a system that does not follow it reads slower or keeps more, and is right all the same.</summary>
    [LibraryImport("libc", EntryPoint = "madvise")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Advise(nint address, nuint length, int advice);
}
