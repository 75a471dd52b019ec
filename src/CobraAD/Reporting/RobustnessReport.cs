using System.Text.Json;
using CobraAD.Attacks;
using CobraAD.Attacks.Records;
using CobraAD.Datasets;
using CobraAD.Evaluation.Robustness;
using CobraAD.Serialization;

namespace CobraAD.Reporting;

/// <summary>What a robustness evaluation found, ready to be written as a page, as JSON and as Markdown by <see cref="ReportWriter"/>.</summary>
public sealed record RobustnessReport
{
    /// <summary>The version of <c>docs/reference/report.schema.json</c> that reports follow.</summary>
    public const int CurrentSchemaVersion = 1;

    /// <summary>Version of the JSON form.</summary>
    public int SchemaVersion { get; init; } = CurrentSchemaVersion;

    /// <summary>The headline.</summary>
    public required string Title { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>The images that were attacked.</summary>
    public required ReportData Data { get; init; }

    /// <summary>What the attacker was allowed to do.</summary>
    public required ReportThreat Threat { get; init; }

    /// <summary>The seed behind the sample, the attacks and the bootstrap.</summary>
    public required long Seed { get; init; }

    /// <summary>The command that makes this report again; empty when it was made by a program.</summary>
    public string Command { get; init; } = "";

    /// <summary>With what and on what it was made.</summary>
    public required ReportEnvironment Environment { get; init; }

    /// <summary>What makes the numbers worth less than they look; every form of the report begins with it.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>The detectors, the one in question first; the others are there to compare.</summary>
    public required IReadOnlyList<ReportDetector> Detectors { get; init; }

    /// <summary>What must hold in every honest evaluation, checked: <see cref="ReportInvariant.Check"/> and <see cref="ReportInvariant.CheckFreshPass"/>.</summary>
    public IReadOnlyList<ReportInvariant> Invariants { get; init; } = [];

    /// <summary>Further pictures.</summary>
    public IReadOnlyList<ReportGallery> Galleries { get; init; } = [];

    /// <summary>What a reader should know before trusting the numbers, one sentence or two each.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Puts a report together and checks its invariants.</summary>
    /// <param name="title">The headline.</param>
    /// <param name="benchmark">The data set that was attacked.</param>
    /// <param name="evaluation">The evaluation of any of the detectors, for what they share: threat model, sample, seed.</param>
    /// <param name="detectors">What was found, from <see cref="ReportDetector.From"/>; the one in question first.</param>
    /// <param name="device">Where tensors lived.</param>
    public static RobustnessReport From(
        string title, AnomalyBenchmark benchmark, RobustnessResult evaluation, IReadOnlyList<ReportDetector> detectors, TorchSharp.torch.Device device)
    {
        ArgumentNullException.ThrowIfNull(benchmark);
        ArgumentNullException.ThrowIfNull(evaluation);
        ArgumentNullException.ThrowIfNull(detectors);
        int anomalies = evaluation.IsAnomalous.Count(label => label), images = evaluation.IsAnomalous.Count;
        List<string> notes =
        [
            evaluation.Rule == CandidateRule.WorstCase
                ? "For each image the worst of all points that the attacks evaluated counts, the untouched image included: normal images are pushed up, anomalous ones down."
                : "For each image only the last point of the last run counts, as in the paper's released code. This is weaker than what the attacks found, and meant only for comparison with such numbers.",
        ];
        if (images < benchmark.Test.Count) notes.Add($"The attacks ran on a sample of {images} of the {benchmark.Test.Count} test images; the data fingerprint is that of all of them.");
        return new RobustnessReport
        {
            Title = title,
            Created = DateTimeOffset.UtcNow,
            Data = new ReportData
            {
                Name = benchmark.Name,
                Protocol = benchmark.Protocol,
                Fingerprint = benchmark.Test.Fingerprint,
                Height = benchmark.Test.Height,
                Width = benchmark.Test.Width,
                Normals = images - anomalies,
                Anomalies = anomalies,
                TrainingImages = benchmark.Train.Count,
            },
            Threat = new ReportThreat(evaluation.Threat.Norm == Norm.Linf ? "linf" : "l2", evaluation.Threat.Epsilon),
            Seed = evaluation.Options.Seed,
            Environment = ReportEnvironment.Current(device),
            Detectors = detectors,
            Invariants =
            [
                .. detectors.SelectMany(ReportInvariant.Check),
                .. evaluation.Threat.Norm == Norm.L2 ? detectors.SelectMany(ReportInvariant.CheckCertificate) : [],
                .. evaluation.Attacks.Count > 0 ? [ReportInvariant.CheckFreshPass(evaluation)] : Array.Empty<ReportInvariant>(),
            ],
            Notes = notes,
        };
    }

    /// <summary>This report with the detectors of another one behind its own, in the same tables and figures.</summary>
    /// <param name="other">About the same images, attacker and seed.</param>
    /// <exception cref="ArgumentException">It is about others; the message says which.</exception>
    public RobustnessReport Beside(RobustnessReport other)
    {
        ArgumentNullException.ThrowIfNull(other);
        RequireSame("test images", Data.Fingerprint, other.Data.Fingerprint);
        RequireSame("sample of test images", $"{Data.Normals} normal and {Data.Anomalies} anomalous", $"{other.Data.Normals} normal and {other.Data.Anomalies} anomalous");
        RequireSame("norm", Threat.Norm, other.Threat.Norm);
        RequireSame("radius", Threat.Radius(Threat.Epsilon), other.Threat.Radius(other.Threat.Epsilon));
        RequireSame("seed", $"{Seed}", $"{other.Seed}");
        return this with
        {
            Detectors = [.. Detectors, .. other.Detectors],
            Invariants = [.. Invariants, .. other.Invariants],
            Warnings = [.. Warnings.Union(other.Warnings)],
            Notes = [.. Notes.Union(other.Notes)],
        };

        static void RequireSame(string what, string own, string others)
        {
            if (own != others) throw new ArgumentException($"Two reports can be shown as one only when their {what} are the same: {own} here, {others} there.", nameof(other));
        }
    }

    /// <inheritdoc cref="ReportWriter.Write"/>
    public string Write(string folder) => ReportWriter.Write(this, folder);

    /// <summary>The report as JSON that fits <c>docs/reference/report.schema.json</c>.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, CobraJson.Options);

    /// <summary>Reads a report back.</summary>
    /// <param name="json">What <see cref="ToJson"/> wrote.</param>
    /// <exception cref="JsonException">The text is not such a report.</exception>
    public static RobustnessReport FromJson(string json) =>
        JsonSerializer.Deserialize<RobustnessReport>(json, CobraJson.Options) ?? throw new JsonException("Expected a report, found null.");

    /// <summary>Checks what the writers rely on.</summary>
    /// <exception cref="ArgumentException">There is no detector, or a number that is drawn is not finite.</exception>
    public void Validate()
    {
        if (Detectors.Count == 0) throw new ArgumentException("A report needs at least one detector.");
        foreach (ReportDetector detector in Detectors)
        {
            foreach (ReportCondition condition in detector.Attacks.Prepend(detector.Clean).Append(detector.Union))
            {
                foreach ((string name, ReportMetric metric) in new[] { (nameof(condition.Auroc), condition.Auroc), (nameof(condition.Aupr), condition.Aupr), (nameof(condition.Fpr95), condition.Fpr95) })
                {
                    if (!(metric.Value is >= 0 and <= 1 && metric.Low is >= 0 and <= 1 && metric.High is >= 0 and <= 1))
                        throw new ArgumentException($"{detector.Name}, {condition.Name}: {name} is {metric.Value} [{metric.Low}, {metric.High}]; expected shares between 0 and 1. A detector that gives NaN scores cannot be reported.");
                }
            }
        }
    }
}
