using System.Data.Common;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using CobraAD.Datasets;
using CobraAD.Detection.Foreign;
using CobraAD.Experiments;
using CobraAD.Runtime;
using CobraAD.Serialization;
using CobraAD.Torch;
using CobraAD.Training;

namespace CobraAD.Cli.Terminal;

/// <summary>An exception as its user sees it: what went wrong, where and what helps, without a stack trace.</summary>
/// <param name="ExitCode">What the process returns.</param>
/// <param name="Lines">What is printed on standard error.</param>
internal sealed partial record FailureReport(int ExitCode, IReadOnlyList<string> Lines)
{
    /// <summary>Describes an exception.</summary>
    public static FailureReport Of(Exception exception) => Unwrap(exception) switch
    {
        OperationCanceledException cancelled => new(Cli.ExitCode.Cancelled, [cancelled.Message]),
        UsageException usage => new(Cli.ExitCode.Usage, [$"error: {usage.Message}"]),
        ModelFormatException or ForeignModelException or TorchLoadException or DatasetException or TrainingDivergedException or ExperimentException or IOException
            or UnauthorizedAccessException or ModelRejectedException or DbException or ArgumentException or InvalidOperationException
            or InvalidDataException or PlatformNotSupportedException or NotSupportedException =>
            new(Cli.ExitCode.Failure, [$"error: {Sentence(Unwrap(exception))}"]),
        // libtorch appends its native stack trace; the first line says what happened.
        ExternalException native => new(Cli.ExitCode.Failure, [$"error: libtorch: {FirstLine(native.Message)}", "Set COBRA_DEBUG=1 to see where."]),
        OutOfMemoryException => new(Cli.ExitCode.Failure, ["error: out of memory. Use smaller batches, smaller images or a smaller preset."]),
        var unexpected => new(
            Cli.ExitCode.Failure,
            [$"error: {unexpected.GetType().Name}: {FirstLine(unexpected.Message)}", "This is a defect of cobra. Set COBRA_DEBUG=1 and run it again to get what a report needs."]),
    };

    private static Exception Unwrap(Exception exception) =>
        exception is TypeInitializationException or AggregateException { InnerExceptions.Count: 1 } && exception.InnerException is { } inner ? Unwrap(inner) : exception;

    private static string Sentence(Exception exception) => ParameterSuffix().Replace(exception.Message, "");

    private static string FirstLine(string message) => message.Split('\n', 2)[0].TrimEnd();

    /// <summary>What ArgumentException appends: it names a C# parameter, which is nothing to the user of a command.</summary>
    [GeneratedRegex(@" \(Parameter '[^']*'\)")]
    private static partial Regex ParameterSuffix();
}
