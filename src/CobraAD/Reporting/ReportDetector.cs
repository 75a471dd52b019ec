using System.Text.Json.Serialization;
using CobraAD.Datasets;
using CobraAD.Evaluation.Audit;
using CobraAD.Evaluation.Localization;
using CobraAD.Evaluation.Metrics;
using CobraAD.Evaluation.Robustness;
using CobraAD.Methods.Cobra;
using CobraAD.Reporting.Pictures;

namespace CobraAD.Reporting;

/// <summary>Everything that was measured of one detector.</summary>
public sealed record ReportDetector
{
    /// <summary>What it is called.</summary>
    public required string Name { get; init; }

    /// <summary>One phrase on what it is, e.g. "trained against PGD-10".</summary>
    public string Description { get; init; } = "";

    /// <summary>Its score and how the candidates for it did, of COBRA; <see langword="null"/> of others.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ScoreChoice? Score { get; init; }

    /// <summary>SHA-256 of its model file; <see langword="null"/> when it was never saved.</summary>
    public string? ModelHash { get; init; }

    /// <summary>The calibrated threshold; a score above it is called anomalous.</summary>
    public double? Threshold { get; init; }

    /// <summary>How long it was trained, where known.</summary>
    public double? TrainingSeconds { get; init; }

    /// <summary>On untouched images.</summary>
    public required ReportCondition Clean { get; init; }

    /// <summary>Under each attack.</summary>
    public required IReadOnlyList<ReportCondition> Attacks { get; init; }

    /// <summary>Under all attacks together: for each image the worst that any of them found.</summary>
    public required ReportCondition Union { get; init; }

    /// <summary>AUROC against the attack's radius; empty when it was not measured.</summary>
    public IReadOnlyList<ReportSecurityPoint> SecurityCurve { get; init; } = [];

    /// <summary>ROC curves before and after the attack.</summary>
    public RocCurve? Roc { get; init; }

    /// <summary>Score histograms before and after the attack.</summary>
    public ScoreHistogram? Scores { get; init; }

    /// <summary>The robustness audit; empty when it was not run.</summary>
    public IReadOnlyList<AuditCheck> Audit { get; init; } = [];

    /// <summary>How that audit was carried out; <see langword="null"/> when it was not run.</summary>
    public ReportAuditRun? AuditRun { get; init; }

    /// <summary>Under faults of light, lens, sensor and transport; empty when they were not measured.</summary>
    public IReadOnlyList<ReportCorruption> Corruptions { get; init; } = [];

    /// <summary>How well its map finds the defects of the untouched images; <see langword="null"/> when it has none, or the data set no masks.</summary>
    public LocalizationResult? Localization { get; init; }

    /// <summary>What no ℓ₂ attack can do to it; <see langword="null"/> when nothing was certified.</summary>
    public ReportCertificate? Certificate { get; init; }

    /// <summary>The images on which the attack did the most harm.</summary>
    public IReadOnlyList<HardImage> HardestImages { get; init; } = [];

    /// <summary>Describes what an evaluation found. Add what it cannot know (model hash, description) by <see langword="with"/>, and an audit by <see cref="With"/>.</summary>
    /// <param name="result">The evaluation; not disposed, and no longer needed afterwards.</param>
    /// <param name="benchmark">The data set that was attacked, for the names of its images.</param>
    /// <param name="hardestImages">How many of the hardest images are kept, half of them normal.</param>
    public static ReportDetector From(RobustnessResult result, AnomalyBenchmark benchmark, int hardestImages = 6)
    {
        ArgumentNullException.ThrowIfNull(result);
        ArgumentNullException.ThrowIfNull(benchmark);
        ArgumentOutOfRangeException.ThrowIfNegative(hardestImages);
        IReadOnlyList<double> clean = result.Clean.Scores, attacked = result.Union.Scores;
        return new ReportDetector
        {
            Name = result.Detector,
            Threshold = result.Clean.AtThreshold?.Threshold,
            Clean = Condition("Untouched", "", result.Clean) with { ForwardPasses = clean.Count },
            Attacks = [.. result.Attacks.Select(attack => Condition(attack.QualifiedName, attack.Recipe, attack.Worst) with
            {
                ForwardPasses = attack.ForwardPasses,
                BackwardPasses = attack.BackwardPasses,
                Seconds = attack.Duration.TotalSeconds,
            })],
            Union = Condition("All attacks together", "", result.Union) with
            {
                ForwardPasses = result.Attacks.Sum(attack => attack.ForwardPasses),
                BackwardPasses = result.Attacks.Sum(attack => attack.BackwardPasses),
                Seconds = result.Attacks.Sum(attack => attack.Duration.TotalSeconds),
            },
            Roc = RocCurve.From(clean, attacked, result.IsAnomalous),
            Scores = ScoreHistogram.From(clean, attacked, result.IsAnomalous),
            HardestImages = HardestImageChoice.From(result, benchmark, hardestImages),
        };
    }

    /// <summary>The same detector with what an audit found; replaces an earlier one.</summary>
    /// <param name="audit">The audit; no longer needed afterwards.</param>
    public ReportDetector With(AuditResult audit)
    {
        ArgumentNullException.ThrowIfNull(audit);
        return this with { Audit = audit.Checks, AuditRun = ReportAuditRun.From(audit) };
    }

    private static ReportCondition Condition(string name, string recipe, ScoredImages images) => new()
    {
        Name = name,
        Recipe = recipe,
        Auroc = ReportMetric.From(images.Metrics.Auroc, images.Intervals.Auroc),
        Aupr = ReportMetric.From(images.Metrics.AveragePrecision, images.Intervals.AveragePrecision),
        Fpr95 = ReportMetric.From(images.Metrics.Fpr95, images.Intervals.Fpr95),
        FalseAlarmRate = images.AtThreshold?.FalseAlarmRate,
        EscapeRate = images.AtThreshold?.EscapeRate,
    };
}
