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
    /// <param name="exception">What was thrown.</param>
    /// <param name="hasOption">Whether the command has an option, given as "--name"; advice to use one that it has not is left out. All are there when <see langword="null"/>.</param>
    public static FailureReport Of(Exception exception, Func<string, bool>? hasOption = null) => Unwrap(exception) switch
    {
        OperationCanceledException cancelled => new(Cli.ExitCode.Cancelled, [cancelled.Message]),
        UsageException usage => new(Cli.ExitCode.Usage, [$"error: {Plain(usage.Message)}"]),
        ModelFormatException or ForeignModelException or TorchLoadException or DatasetException or TrainingDivergedException or ExperimentException or IOException
            or UnauthorizedAccessException or ModelRejectedException or DbException or ArgumentException or InvalidOperationException
            or InvalidDataException or PlatformNotSupportedException or NotSupportedException =>
            new(Cli.ExitCode.Failure, [$"error: {Sentence(Unwrap(exception), hasOption)}"]),
        // libtorch appends its native stack trace; the first line says what happened.
        ExternalException native => new(Cli.ExitCode.Failure, [$"error: libtorch: {FirstLine(native.Message)}", "Set COBRA_DEBUG=1 to see where."]),
        // What CobraAD itself throws was written for its user.
        var own when own.GetType().Assembly.GetName().Name!.StartsWith("CobraAD", StringComparison.Ordinal) => new(Cli.ExitCode.Failure, [$"error: {Sentence(own, hasOption)}"]),
        OutOfMemoryException => new(Cli.ExitCode.Failure, ["error: out of memory. Use smaller batches, smaller images or a smaller preset."]),
        var unexpected => new(
            Cli.ExitCode.Failure,
            [$"error: {unexpected.GetType().Name}: {FirstLine(unexpected.Message)}", "This is a defect of cobra. Set COBRA_DEBUG=1 and run it again to get what a report needs."]),
    };

    private static Exception Unwrap(Exception exception) =>
        exception is TypeInitializationException or AggregateException { InnerExceptions.Count: 1 } && exception.InnerException is { } inner ? Unwrap(inner) : exception;

    /// <summary>What the library calls options of its own, as the command line calls them.</summary>
    private static readonly Dictionary<string, string> OptionNames = new(StringComparer.Ordinal)
    {
        ["SkipUnreadable"] = "--skip-unreadable",
        ["NormalClass"] = "--normal-class",
        ["AnomalyData"] = "--anomalies",
        ["MaxTrain"] = "--max-train",
        ["MaxTest"] = "--max-test",
        ["ImageSize"] = "--image-size",
        ["MemoryLimit"] = "--memory-limit",
        ["CacheFolder"] = "--cache",
        ["TransferSource"] = "--transfer-from",
    };

    private static string Sentence(Exception exception, Func<string, bool>? hasOption)
    {
        string possible = LastResort().Replace(
            Plain(exception.Message), advice => OptionNames.TryGetValue(advice.Groups["option"].Value, out string? name) && hasOption?.Invoke(name) is false ? "" : advice.Value);
        return LibraryOption().Replace(possible, match => OptionNames[match.Value]);
    }

    private static string Plain(string message) => ActualValue().Replace(ParameterSuffix().Replace(message, ""), "");

    private static string FirstLine(string message) => message.Split('\n', 2)[0].TrimEnd();

    /// <summary>The end of a sentence that offers an option instead of what the rest of it says.</summary>
    [GeneratedRegex(@", or [^,.()]+ \((?<option>\w+)\)")]
    private static partial Regex LastResort();

    [GeneratedRegex(@"\b(SkipUnreadable|NormalClass|AnomalyData|MaxTrain|MaxTest|ImageSize|MemoryLimit|CacheFolder|TransferSource)\b")]
    private static partial Regex LibraryOption();

    /// <summary>What ArgumentException appends: it names a C# parameter, which is nothing to the user of a command.</summary>
    [GeneratedRegex(@" \(Parameter '[^']*'\)")]
    private static partial Regex ParameterSuffix();

    /// <summary>What ArgumentOutOfRangeException appends; the messages say what was found where that helps.</summary>
    [GeneratedRegex(@"\r?\nActual value was [^\n]*")]
    private static partial Regex ActualValue();
}
