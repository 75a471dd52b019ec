using System.Runtime.InteropServices;

namespace CobraAD.Torch;

/// <summary>
/// Room for what the system keeps of a thread when it is interrupted. A thread that has computed in bfloat16 on a processor with matrix tiles (AMX) has 8 KB of
/// registers more, and the stack on which .NET 10 handles a use of <see langword="null"/> holds 12 KB in all: without this, a
/// <see cref="NullReferenceException"/> on such a thread ends the process without a word, however well it would be caught.
/// </summary>
internal static unsafe partial class SignalStack
{
    private const int Bytes = 128 << 10;
    private const int Disabled = 2;
    private const int ReadWrite = 3, PrivateAnonymous = 0x22;

    [ThreadStatic]
    private static bool isWide;

    /// <summary>Gives the calling thread a larger one, once; the runtime unmaps it with the thread, as it would its own.</summary>
    public static void Widen()
    {
        if (isWide || !OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64) return;
        isWide = true;
        // A thread without one handles its signals on its own stack, which is large enough.
        if (Exchange(null, out Area now) != 0 || now.Flags == Disabled || now.Size >= Bytes) return;
        nint start = Map(0, Bytes, ReadWrite, PrivateAnonymous, -1, 0);
        if (start != -1) _ = Exchange(new Area { Start = start, Flags = 0, Size = Bytes });
    }

    private static int Exchange(Area* area, out Area before)
    {
        fixed (Area* place = &before) return Exchange(area, place);
    }

    private static int Exchange(Area area) => Exchange(&area, null);

    [LibraryImport("libc", EntryPoint = "sigaltstack")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Exchange(Area* area, Area* before);

    [LibraryImport("libc", EntryPoint = "mmap")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint Map(nint at, nuint length, int protection, int flags, int file, nint offset);

    /// <summary>libc's stack_t.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Area
    {
        public nint Start;
        public int Flags;
        public nint Size;
    }
}
