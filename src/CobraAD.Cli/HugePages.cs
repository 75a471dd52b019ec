using System.Runtime.InteropServices;

namespace CobraAD.Cli;

/// <summary>
/// Pages of 2 MB for the memory of commands that compute. The C library gives the memory of every large tensor back to the system with the tensor,
/// and the system clears and maps it anew for the next one: page by page of 4 KB that was half of a training's time at 224 px
/// (docs/lab/performance.md). glibc asks for large pages when it is told to before the program starts, so the program starts itself anew, once, as
/// the same process.
/// </summary>
/// <remarks>
/// libtorch has a switch of its own (THP_MEM_ALLOC_ENABLE), but it also moves tensors to the beginning of a page, which costs a tenth of a training
/// at 32 px. Keeping the memory instead (MALLOC_MMAP_MAX_=0) doubles the peak.
/// </remarks>
internal static partial class HugePages
{
    private const string Variable = "GLIBC_TUNABLES", Setting = "glibc.malloc.hugetlb=1";
    private const string Modes = "/sys/kernel/mm/transparent_hugepage/enabled";

    private static readonly string[] Computing = ["train", "craft", "pretrain", "compare", "evaluate", "audit", "certify", "reproduce", "demo"];

    /// <summary>Starts the program anew where that helps. Comes back where it does not, or where the system does not let it.</summary>
    /// <param name="arguments">The command line.</param>
    public static void Use(IReadOnlyList<string> arguments)
    {
        if (!OperatingSystem.IsLinux() || !File.Exists(Modes)) return;
        if (!Help(arguments, Environment.GetEnvironmentVariable(Variable), File.ReadAllText(Modes))) return;

        // The name as it was called, for a program that is found by "dotnet" as well as for one of its own.
        string[] line = File.ReadAllText("/proc/self/cmdline").Split('\0')[..^1];
        _ = SetEnvironment(Variable, Setting, overwrite: 0);
        _ = Execute("/proc/self/exe", [.. line, null]);
    }

    /// <summary>Whether they would help.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="tunables">What the user told glibc, which stands; <see langword="null"/> for nothing.</param>
    /// <param name="modes">What the kernel says: always, by request, or never.</param>
    internal static bool Help(IReadOnlyList<string> arguments, string? tunables, string modes) =>
        tunables is null && modes.Contains("[madvise]", StringComparison.Ordinal) && arguments is [var command, ..] && Computing.Contains(command);

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetEnvironment(string name, string value, int overwrite);

    [LibraryImport("libc", EntryPoint = "execv", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Execute(string path, string?[] arguments);
}
