using System.Runtime.InteropServices;

namespace CobraAD.Torch;

/// <summary>The heap that tensors on the CPU come from.</summary>
internal static unsafe class NativeHeap
{
    private static readonly delegate* unmanaged<nuint, int> GiveBack = Find();

    /// <summary>
    /// Returns freed memory to the system. glibc keeps freed blocks below 32 MB that lie between used ones, which is what tensors of many
    /// small parts become; a limit on the process has to count them. Does nothing where the C library has no such function.
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
