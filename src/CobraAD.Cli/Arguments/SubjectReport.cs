using CobraAD.Datasets;
using CobraAD.Evaluation.Robustness;
using CobraAD.Reporting;
using CobraAD.Serialization.Archive;

namespace CobraAD.Cli.Arguments;

/// <summary>The report of a command that measured one detector.</summary>
internal static class SubjectReport
{
    /// <summary>Writes it as a page, JSON and Markdown.</summary>
    /// <param name="context">The command line, which the report quotes.</param>
    /// <param name="detector">What was measured.</param>
    /// <param name="description">How its input was declared; may be empty.</param>
    /// <param name="benchmark">The images.</param>
    /// <param name="result">What was found.</param>
    /// <param name="measured">The same as the report has it, with all that was measured besides.</param>
    /// <param name="folder">Where to.</param>
    /// <returns>The full path of the page.</returns>
    public static string Write(
        CommandContext context, DetectorSubject detector, string description, AnomalyBenchmark benchmark, RobustnessResult result, ReportDetector measured, string folder)
    {
        ReportDetector complete = measured with
        {
            TrainingSeconds = detector.Trained?.Card.TrainingSeconds,
            ModelHash = ModelArchive.Fingerprint(detector.File),
            Description = description,
        };
        RobustnessReport report = RobustnessReport.From($"Robustness of {Path.GetFileName(detector.File)}", benchmark, result, [complete], detector.Detector.Device);
        return ReportWriter.Write(report with { Command = $"cobra {string.Join(' ', context.Arguments.Tokens.Select(token => Quoted(token.Value)))}" }, folder);
    }

    /// <summary>A word as a shell reads it back.</summary>
    private static string Quoted(string word) =>
        word.Length > 0 && word.All(character => char.IsLetterOrDigit(character) || "-_./:,=+%@".Contains(character, StringComparison.Ordinal))
            ? word
            : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
