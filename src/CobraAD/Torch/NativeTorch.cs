using System.Runtime.InteropServices;
using TorchSharp;

namespace CobraAD.Torch;

/// <summary>
/// Loads libtorch and TorchSharp's native half in an order that makes failures readable. What is loaded first wins: the loader
/// takes a library of the same name that is already in the process, so another libtorch needs to be loaded before TorchSharp's.
/// </summary>
internal static class NativeTorch
{
    private const string Shim = "libLibTorchSharp.so";
    private const string Core = "libtorch_cpu.so";

    /// <summary>The version that TorchSharp's native half was compiled against.</summary>
    internal static readonly Version Expected = new(2, 10);

    /// <summary>Loads everything.</summary>
    /// <param name="folder">A libtorch's lib folder, or <see langword="null"/> for the one beside the program.</param>
    public static TorchRuntimeInfo Load(string? folder)
    {
        if (folder is not null)
        {
            folder = Path.GetFullPath(folder);
            if (FolderInProcess() is { } already && already != folder)
            {
                throw new InvalidOperationException(
                    $"libtorch was already loaded from {already} when {folder} was asked for. Call TorchRuntime.Initialize before the first tensor is made.");
            }

            LoadLibTorch(folder);
        }

        LoadShim();
        torch.InitializeDeviceType(DeviceType.CPU);

        string loadedFrom = FolderInProcess()!;
        Version? version = LoadedVersion(Path.Combine(loadedFrom, Core));
        return new TorchRuntimeInfo(loadedFrom, version, [.. LibrariesInProcess()], VersionWarning(loadedFrom, version));
    }

    /// <summary>What to say about a libtorch of this version; nothing about the expected one.</summary>
    internal static string? VersionWarning(string folder, Version? version) =>
        version is not null && version.Major == Expected.Major && version.Minor == Expected.Minor
            ? null
            : $"The libtorch in {folder} is {(version is null ? "of unknown version" : $"version {version}")}; TorchSharp 0.107.0 was built for {Expected}. "
              + "Operators whose signature changed end the process with \"symbol lookup error\".";

    private static void LoadLibTorch(string folder)
    {
        if (!File.Exists(Path.Combine(folder, Core)))
        {
            string below = Path.Combine(folder, "lib");
            throw new TorchLoadException(
                Path.Combine(folder, Core), $"{TorchRuntime.LibTorchVariable} names {folder}, where there is no {Core}.",
                File.Exists(Path.Combine(below, Core)) ? $"Name {below} instead." : "Name the lib folder of a libtorch (or of a Python torch package).");
        }

        // libtorch.so needs the other two, and libtorch_cuda.so where the build has it.
        foreach (string library in (ReadOnlySpan<string>)["libc10.so", Core, "libtorch.so"]) LoadFile(Path.Combine(folder, library));
    }

    private static void LoadShim()
    {
        string[] folders =
        [
            AppContext.BaseDirectory,
            .. (AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries),
            Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64", "native"),
        ];
        string? shim = folders.Select(folder => Path.Combine(folder, Shim)).FirstOrDefault(File.Exists)
            ?? throw new TorchLoadException(
                Path.Combine(AppContext.BaseDirectory, Shim), "the file is not there.",
                "Build or publish with <RuntimeIdentifier>linux-x64</RuntimeIdentifier> and copy the whole output folder.");
        LoadFile(shim);
    }

    private static void LoadFile(string path)
    {
        try
        {
            // Kept for the life of the process, like everything that TorchSharp loads.
            _ = NativeLibrary.Load(path);
        }
        catch (Exception exception) when (exception is DllNotFoundException or BadImageFormatException)
        {
            throw LoaderMessage.Explain(path, exception.Message, exception);
        }
    }

    /// <summary>The libtorch_cpu.so that this process runs on; loads it if need be.</summary>
    public static string CoreInProcess()
    {
        torch.InitializeDeviceType(DeviceType.CPU);
        return Path.Combine(FolderInProcess()!, Core);
    }

    private static string? FolderInProcess() => Path.GetDirectoryName(LibrariesInProcess().FirstOrDefault(file => Path.GetFileName(file) == Core));

    /// <summary>What the kernel has mapped of libtorch, TorchSharp and OpenMP.</summary>
    private static IEnumerable<string> LibrariesInProcess() =>
        from line in File.ReadLines("/proc/self/maps")
        let start = line.IndexOf('/', StringComparison.Ordinal)
        where start >= 0
        let file = line[start..]
        let name = Path.GetFileName(file)
        where name.StartsWith("libtorch", StringComparison.Ordinal) || name.StartsWith("libc10", StringComparison.Ordinal)
            || name.StartsWith("libgomp", StringComparison.Ordinal) || name == Shim
        group file by file into mapped
        select mapped.Key;

    /// <summary>Reads torch::headeronly's version word, which the library's C interface exports: major, minor, patch in its first three bytes.</summary>
    private static unsafe Version? LoadedVersion(string core)
    {
        nint library = NativeLibrary.Load(core);
        if (!NativeLibrary.TryGetExport(library, "aoti_torch_abi_version", out nint export)) return null;
        ulong word = ((delegate* unmanaged<ulong>)export)();
        return new Version((int)(word >> 56), (int)(word >> 48 & 0xff), (int)(word >> 40 & 0xff));
    }
}
