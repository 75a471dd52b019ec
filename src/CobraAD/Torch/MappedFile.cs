using System.Collections.Concurrent;
using System.IO.MemoryMappedFiles;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace CobraAD.Torch;

/// <summary>
/// A part of a file as tensors that are read from the disk when they are touched, and that take no memory which the system could not
/// take back. They are read-only: writing to one ends the process. The part stays mapped until the last of them and of their views is
/// gone; a file that is replaced or deleted meanwhile keeps its content, one that is cut short ends the process.
/// </summary>
internal sealed unsafe partial class MappedFile : IDisposable
{
    /// <summary>The part that a tensor's data lie in, by where they begin.</summary>
    private static readonly ConcurrentDictionary<nint, MappedFile> Owners = [];

    private readonly MemoryMappedViewAccessor view;
    private int users = 1;

    /// <summary>Maps a part of a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="offset">Where the part begins.</param>
    /// <param name="length">Its bytes; at least 1.</param>
    public MappedFile(string path, long offset, long length)
    {
        using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        using MemoryMappedFile file = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        view = file.CreateViewAccessor(offset, length, MemoryMappedFileAccess.Read);
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

    /// <summary>Unmaps the part, unless tensors still need it.</summary>
    public void Dispose()
    {
        if (Interlocked.Decrement(ref users) > 0) return;
        view.SafeMemoryMappedViewHandle.ReleasePointer();
        view.Dispose();
    }

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
}
