using System.Runtime.InteropServices;

namespace CobraAD.Cli;

/// <summary>
/// Whether there is anything to write to. Who starts a program may close its output, and .NET finds that out at the first word; the system may even
/// have given the number of the closed one to a file of the program's own by then.
/// </summary>
internal static partial class StandardStreams
{
    public const int Output = 1, Error = 2;

    private const int GetFlags = 3, AccessMode = 3, ReadOnly = 0;

    /// <summary>Whether a stream of the process can be written to.</summary>
    /// <param name="number"><see cref="Output"/> or <see cref="Error"/>.</param>
    public static bool IsWritable(int number) => Control(number, GetFlags) is var flags and >= 0 && (flags & AccessMode) != ReadOnly;

    [LibraryImport("libc", EntryPoint = "fcntl")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Control(int descriptor, int command);
}
