using System.Runtime.InteropServices;
using CobraAD.Cli.Terminal;

namespace CobraAD.Cli.Tests.Terminal;

public sealed class FailureReportTests
{
    public static TheoryData<Exception, int, string> Cases => new()
    {
        { new UsageException("--config: there is no file x."), 2, "error: --config: there is no file x." },
        { new OperationCanceledException("Stopped; resume with --resume."), 130, "Stopped; resume with --resume." },
        { new FileNotFoundException("There is no file x."), 1, "error: There is no file x." },
        { new ArgumentOutOfRangeException("epochs", "Epochs must be positive."), 1, "error: Epochs must be positive." },
        { new NativeFailure("size mismatch\nException raised from check at Shape.cpp:3\nframe #0"), 1, "error: libtorch: size mismatch" },
        { new TypeInitializationException("T", new FileNotFoundException("There is no file y.")), 1, "error: There is no file y." },
        { new KeyNotFoundException("x"), 1, "error: KeyNotFoundException: x" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void An_exception_becomes_an_exit_code_and_a_sentence(Exception exception, int exitCode, string line)
    {
        FailureReport report = FailureReport.Of(exception);

        Assert.Equal(exitCode, report.ExitCode);
        Assert.Equal(line, report.Lines[0]);
        Assert.DoesNotContain(report.Lines, text => text.Contains('\n') || text.Contains("   at ", StringComparison.Ordinal));
    }

    private sealed class NativeFailure(string message) : ExternalException(message);
}
