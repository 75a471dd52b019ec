using CobraAD.Datasets;
using CobraAD.Evaluation.Audit;
using CobraAD.Evaluation.Certification;
using CobraAD.Evaluation.Corruptions;
using CobraAD.Evaluation.Localization;
using CobraAD.Evaluation.Robustness;
using CobraAD.Methods.Cobra;
using CobraAD.Reporting;
using static TorchSharp.torch;

namespace CobraAD;

/// <summary>What a <see cref="RobustnessStudy"/> found. Dispose it when the attacked images are no longer needed.</summary>
public sealed record StudyResult : IDisposable
{
    /// <summary>The images that were attacked; not disposed with the result, and needed as long as reports are made of it.</summary>
    public required AnomalyBenchmark Data { get; init; }

    /// <summary>
    /// The evaluation, under the largest radius. When only an audit was asked for, every attack that the audit ran within the threat model.
    /// </summary>
    public required RobustnessResult Robustness { get; init; }

    /// <summary>The metrics against the attacker's radius; <see langword="null"/> when there was one radius only.</summary>
    public SecurityCurve? Curve { get; init; }

    /// <summary>The scores under faults of light, lens, sensor and transport; <see langword="null"/> when they were not asked for.</summary>
    public CorruptionResult? Corruptions { get; init; }

    /// <summary>How well the detector's map finds the defects; <see langword="null"/> when it has none, or the data set no masks.</summary>
    public LocalizationResult? Localization { get; init; }

    /// <summary>What no ℓ₂ attack can do; <see langword="null"/> when nothing was certified.</summary>
    public Certificate? Certificate { get; init; }

    /// <summary>The audit; <see langword="null"/> when it was not asked for.</summary>
    public AuditResult? Audit { get; init; }

    /// <summary>
    /// What makes the numbers worth less than they look, in sentences: training images among the test images, gradients that were zero or not
    /// finite. Reports begin with them.
    /// </summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>AUROC of the untouched images.</summary>
    public double CleanAuroc => Robustness.Clean.Metrics.Auroc;

    /// <summary>AUROC when for each image the worst counts that any attack found.</summary>
    public double RobustAuroc => Robustness.Union.Metrics.Auroc;

    /// <summary>Where the detector lived.</summary>
    public required Device Device { get; init; }

    /// <summary>How long the detector was trained, where it is one of ours.</summary>
    internal double? TrainingSeconds { get; init; }

    /// <summary>What is known of its training, where it is a COBRA.</summary>
    internal CobraModelCard? Cobra { get; init; }

    /// <summary>
    /// The detector as a report shows it. Add what a study cannot know (a description, the hash of the model file) by <see langword="with"/>, and
    /// hand it to <see cref="Report(string, IReadOnlyList{ReportDetector})"/>.
    /// </summary>
    public ReportDetector Describe()
    {
        ReportDetector measured = ReportDetector.From(Robustness, Data) with
        {
            TrainingSeconds = TrainingSeconds,
            Description = Cobra?.Description ?? "",
            Score = Cobra?.Health.Score,
            Localization = Localization,
            Certificate = Certificate is null ? null : ReportCertificate.From(Certificate),
            SecurityCurve = Curve is null ? [] : ReportSecurityPoint.From(Curve),
            Corruptions = Corruptions is null ? [] : ReportCorruption.From(Corruptions),
        };
        return Audit is null ? measured : measured.With(Audit);
    }

    /// <summary>Everything that was found, as a report: <c>result.Report("My detector").Write("report")</c>.</summary>
    /// <param name="title">The headline.</param>
    public RobustnessReport Report(string title) => Report(title, [Describe()]);

    /// <summary>A report of described detectors, e.g. of this one and of others that were attacked alike.</summary>
    /// <param name="title">The headline.</param>
    /// <param name="detectors">What <see cref="Describe"/> gave; the detector in question first.</param>
    public RobustnessReport Report(string title, IReadOnlyList<ReportDetector> detectors) =>
        RobustnessReport.From(title, Data, Robustness, detectors, Device) with { Warnings = Warnings };

    /// <inheritdoc/>
    public void Dispose()
    {
        // An audit alone owns the evaluation that it made.
        if (!ReferenceEquals(Robustness, Audit?.Evaluation)) Robustness.Dispose();
        Audit?.Dispose();
    }
}
