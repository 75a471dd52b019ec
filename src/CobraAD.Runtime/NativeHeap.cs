using System.Runtime.InteropServices;

namespace CobraAD.Runtime;

/// <summary>The memory that native libraries have freed, but that the C library keeps for them.</summary>
internal static partial class NativeHeap
{
    /// <summary>
    /// Gives it back to the system. ONNX Runtime frees a hundred megabytes and more once a model is loaded: the kernels as they were before it
    /// transformed them. A service would hold them for good.
    /// </summary>
    public static void Trim()
    {
        if (!OperatingSystem.IsLinux()) return;
        try
        {
            _ = TrimNative(0);
        }
        catch (EntryPointNotFoundException)
        {
            // Only glibc has the function, because only glibc needs it.
        }
    }

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int TrimNative(nuint keep);
}
