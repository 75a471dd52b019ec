using System.Runtime.InteropServices;
using CobraAD.Cli.Terminal;
using CobraAD.Datasets;

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

    [Theory]
    [InlineData("'a.png' is cut off. Remove or replace it, or skip unreadable images (SkipUnreadable).", "--skip-unreadable", "error: 'a.png' is cut off. Remove or replace it, or skip unreadable images (--skip-unreadable).")]
    [InlineData("'a.png' is cut off. Remove or replace it, or skip unreadable images (SkipUnreadable).", "--memory-limit", "error: 'a.png' is cut off. Remove or replace it.")]
    [InlineData("Too large. Use fewer images or smaller ones, or allow more memory (MemoryLimit).", "--max-train", "error: Too large. Use fewer images or smaller ones.")]
    public void An_option_that_the_command_has_not_is_not_offered(string message, string option, string line)
    {
        FailureReport report = FailureReport.Of(new DatasetException(message), name => name == option);

        Assert.Equal(line, report.Lines[0]);
    }

    private sealed class NativeFailure(string message) : ExternalException(message);
}
