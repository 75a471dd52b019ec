using CobraAD.Torch;

namespace CobraAD.Tests.Torch;

public sealed class LoaderMessageTests
{
    [Theory]
    [InlineData(
        "/app/libLibTorchSharp.so: /lib/x86_64-linux-gnu/libstdc++.so.6: version `GLIBCXX_3.4.32' not found (required by /app/libLibTorchSharp.so)",
        "GLIBCXX_3.4.32", "libstdc++.so.6 does not provide", "newer libstdc++6")]
    [InlineData(
        "/t/libtorch_cpu.so: /lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.34' not found (required by /t/libtorch_cpu.so)",
        "GLIBC_2.34", "libc.so.6 does not provide", "C library is too old")]
    [InlineData("/app/libLibTorchSharp.so: undefined symbol: _ZN2at4_ops3foo4callE", "_ZN2at4_ops3foo4callE", "is missing", "needs 2.10")]
    [InlineData("libgomp-98b21ff3.so.1: cannot open shared object file: No such file or directory", null, "the library libgomp-98b21ff3.so.1 is missing", "Complete the folder")]
    [InlineData("libcudnn.so.9: cannot open shared object file: No such file or directory", null, "libcudnn.so.9 is missing", "LD_LIBRARY_PATH")]
    [InlineData("libstdc++.so.6: cannot open shared object file: No such file or directory", null, "libstdc++.so.6 is missing", "Install the C++ runtime")]
    [InlineData("Error loading shared library ld-linux-x86-64.so.2: No such file or directory (needed by /app/libc10.so)", null, "ld-linux-x86-64.so.2 is missing", "not glibc")]
    [InlineData("/t/libc10.so: wrong ELF class: ELFCLASS32", null, "is not a library for Linux x64 (wrong ELF class", "x86-64 build")]
    [InlineData("/t/libc10.so: invalid ELF header", null, "is not a library for Linux x64", "fetch it again")]
    [InlineData("/t/libc10.so: file too short", null, "is not a library for Linux x64", "truncated")]
    [InlineData("something new", null, "something new", "permissions")]
    public void What_the_loader_says_becomes_file_symbol_and_remedy(string message, string? symbol, string problem, string remedy)
    {
        TorchLoadException error = LoaderMessage.Explain("/app/asked.so", $"Unable to load shared library '/app/asked.so' or one of its dependencies.\n{message}\n");

        Assert.Equal("/app/asked.so", error.File);
        Assert.Equal(symbol, error.Symbol);
        Assert.Contains("/app/asked.so", error.Message, StringComparison.Ordinal);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
        Assert.Contains(remedy, error.Remedy, StringComparison.Ordinal);
    }
}
