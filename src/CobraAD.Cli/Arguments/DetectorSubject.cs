using CobraAD.Detection;
using CobraAD.Imaging;
using CobraAD.Reporting;
using CobraAD.Serialization.Archive;

namespace CobraAD.Cli.Arguments;

/// <summary>The detector that a command works on.</summary>
/// <param name="Detector">The detector; disposed with the subject.</param>
/// <param name="File">Its file.</param>
/// <param name="ImageSize">The side of the images it takes; <see langword="null"/> for any.</param>
/// <param name="Description">How the images of a foreign file were declared; empty for one of ours.</param>
internal sealed record DetectorSubject(IAnomalyDetector Detector, string File, int? ImageSize, string Description = "") : IDisposable
{
    /// <summary>The seed by which the data set is split, which belongs to the model; <see langword="null"/> for a detector made elsewhere.</summary>
    public long? SplitSeed => (Detector as ITrainedDetector)?.Card.Options.Seed;

    /// <summary>How pictures are framed for it, which belongs to the model; those for a detector made elsewhere are only resized.</summary>
    public Framing Framing => (Detector as ITrainedDetector)?.Card.Data.SettledFraming ?? new Framing { Window = DepthWindow.Full };

    /// <summary>Writes the report of a study of it as a page, JSON and Markdown.</summary>
    /// <param name="context">The command line, which the report quotes.</param>
    /// <param name="result">What was found.</param>
    /// <param name="folder">Where to.</param>
    /// <param name="beside">An earlier report whose detectors are shown with this one.</param>
    public void Report(CommandContext context, StudyResult result, string folder, RobustnessReport? beside = null)
    {
        ReportDetector measured = result.Describe() with { ModelHash = ModelArchive.Fingerprint(File), Description = Description };
        RobustnessReport report = result.Report($"Robustness of {Path.GetFileName(File)}", [measured]) with { Command = context.CommandLine };
        if (beside is not null) report = report.Beside(beside);
        context.Console.Say($"Report: {report.Write(folder)}");
    }

    public void Dispose() => Detector.Dispose();
}
