using Microsoft.Win32.SafeHandles;

namespace CobraAD.Datasets.Cache;

/// <summary>Writes some bytes at a place of a file, as <see cref="RandomAccess.Write(SafeFileHandle, ReadOnlySpan{byte}, long)"/> does.</summary>
internal delegate void PixelWriter(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset);
