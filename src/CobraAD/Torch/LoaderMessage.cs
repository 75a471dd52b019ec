using System.Text.RegularExpressions;

namespace CobraAD.Torch;

/// <summary>Reads what the dynamic loader (ld.so) says when it refuses a library, and says what helps.</summary>
internal static partial class LoaderMessage
{
    /// <summary>Turns the loader's words into an error with a remedy.</summary>
    /// <param name="file">The library that was asked for.</param>
    /// <param name="message">The loader's message, possibly within a longer one.</param>
    /// <param name="cause">The exception that carried the message.</param>
    public static TorchLoadException Explain(string file, string message, Exception? cause = null)
    {
        if (MissingVersion().Match(message) is { Success: true } version)
        {
            string name = version.Groups["version"].Value;
            string library = version.Groups["library"].Value;
            string remedy = name.StartsWith("GLIBCXX", StringComparison.Ordinal)
                ? "Build with CobraAD's MSBuild targets, which remove this requirement from TorchSharp's library (clean bin/ and obj/ first), or install a newer libstdc++6."
                : "The system's C library is too old: use Debian 11, Ubuntu 20.04, RHEL 9 or newer.";
            return new TorchLoadException(file, $"{library} does not provide the version {name}.", remedy, name, cause);
        }

        if (MissingSymbol().Match(message) is { Success: true } symbol)
        {
            string name = symbol.Groups["symbol"].Value;
            return new TorchLoadException(
                file, $"the symbol {name} is missing.",
                $"The loaded libtorch does not fit TorchSharp 0.107.0, which needs 2.10: let {TorchRuntime.LibTorchVariable} name a libtorch 2.10, or unset it.", name, cause);
        }

        if (WrongFile().Match(message) is { Success: true } wrong)
        {
            return new TorchLoadException(
                file, $"{wrong.Groups["library"].Value} is not a library for Linux x64 ({wrong.Groups["why"].Value}).",
                "Use the x86-64 build of libtorch; if the file is truncated or a Git LFS pointer, fetch it again.", null, cause);
        }

        if (MissingLibrary().Match(message) is { Success: true } missing)
        {
            string library = missing.Groups["library"].Value;
            string remedy = library switch
            {
                _ when library.Contains("ld-linux", StringComparison.Ordinal) || library.StartsWith("ld-musl", StringComparison.Ordinal)
                    => "This system's C library is not glibc (Alpine?): use a Debian, Ubuntu or RHEL based one.",
                _ when library.StartsWith("libstdc++", StringComparison.Ordinal) => "Install the C++ runtime (Debian and Ubuntu: libstdc++6).",
                _ when library.StartsWith("libcu", StringComparison.Ordinal) || library.StartsWith("libnv", StringComparison.Ordinal)
                    => "The libtorch is built for CUDA: put the folders of its CUDA libraries into LD_LIBRARY_PATH.",
                _ => $"Complete the folder it belongs to, or let {TorchRuntime.LibTorchVariable} name a complete libtorch's lib folder.",
            };
            return new TorchLoadException(file, $"the library {library} is missing.", remedy, null, cause);
        }

        string words = message.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault() ?? "the loader gave no reason.";
        return new TorchLoadException(file, words, $"Check the file and its permissions, or let {TorchRuntime.LibTorchVariable} name another libtorch's lib folder.", null, cause);
    }

    [GeneratedRegex(@"(?<library>[^\s:]+): version [`'](?<version>[^']+)' not found")]
    private static partial Regex MissingVersion();

    [GeneratedRegex(@"(undefined symbol: (?<symbol>[^\s,]+))|(Error relocating [^:]+: (?<symbol>\S+): symbol not found)")]
    private static partial Regex MissingSymbol();

    [GeneratedRegex(@"(?<library>[^\s:]+): (?<why>wrong ELF class[^\n]*|invalid ELF header|file too short|ELF file's phentsize[^\n]*|cannot open shared object file: Permission denied)")]
    private static partial Regex WrongFile();

    [GeneratedRegex(@"((?<library>[^\s:/]+): cannot open shared object file: No such file)|(Error loading shared library (?<library>[^\s:]+): No such file)")]
    private static partial Regex MissingLibrary();
}
