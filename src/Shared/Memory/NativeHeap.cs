using System.Runtime.InteropServices;

namespace CobraAD.Memory;

/// <summary>The heap of the native libraries: libtorch's tensors on the CPU, and the weights that ONNX Runtime loads.</summary>
internal static unsafe class NativeHeap
{
    private static readonly delegate* unmanaged<nuint, int> GiveBack = Find();

    /// <summary>
    /// Returns freed memory to the system. glibc keeps freed blocks below 32 MB that lie between used ones, and a limit on the process has to
    /// count them. Tensors of many small parts leave such blocks; so does ONNX Runtime, which frees a hundred megabytes and more once a model is
    /// loaded: the kernels as they were before it transformed them. Does nothing where the C library has no such function.
    /// </summary>
    public static void Trim()
    {
        if (GiveBack is not null) _ = GiveBack(0);
    }

    private static delegate* unmanaged<nuint, int> Find() =>
        OperatingSystem.IsLinux() && NativeLibrary.TryLoad("libc.so.6", out nint library) && NativeLibrary.TryGetExport(library, "malloc_trim", out nint address)
            ? (delegate* unmanaged<nuint, int>)address
            : null;
}
