using System.Diagnostics;
using CobraAD.Attacks;
using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Evaluation.Audit.Checks;
using CobraAD.Evaluation.Metrics;
using CobraAD.Torch;
using static TorchSharp.torch;

namespace CobraAD.Evaluation.Audit;

/// <summary>
/// Looks for reasons to distrust a detector's robust numbers: sixteen checks for masked gradients, attacks that stop too early, scores
/// that are random or couple images, and errors of the evaluation itself. A flag does not say that a detector is weak; it says that
/// its attacked numbers do not show that it is strong.
/// </summary>
/// <example>
/// <code>
/// using AuditResult audit = new RobustnessAudit(detector, ThreatModel.Parse("4/255")).Run(benchmark);
/// foreach (AuditCheck check in audit.Flagged) Console.WriteLine($"{check.Number}. {check.Name}: {check.Meaning}");
/// </code>
/// </example>
internal sealed class RobustnessAudit
{
    private static readonly IAuditCheck[] Checks =
    [
        new ZeroRadius(), new UnboundedAttack(), new ScoringOracle(), new RadiusCurve(), new IterativeBeatsSingleStep(), new BlackBoxIsWeaker(),
        new NoiseIsWeaker(), new Convergence(), new RestartsSuffice(), new GradientCorrectness(), new ZeroGradients(), new TransferIsWeaker(),
        new SurrogatesAddNothing(), new Independence(), new NormAudit(), new Certificate(),
    ];

    private readonly IAnomalyDetector detector;
    private readonly ThreatModel threat;
    private readonly AuditOptions options;

    /// <summary>Prepares an audit.</summary>
    /// <param name="detector">The detector, in evaluation mode.</param>
    /// <param name="threat">The threat model whose numbers are in question; its radius must be above 0.</param>
    /// <param name="options">How the audit is carried out; defaults when <see langword="null"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The radius or an option is outside its range.</exception>
    public RobustnessAudit(IAnomalyDetector detector, ThreatModel threat, AuditOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(detector);
        ArgumentNullException.ThrowIfNull(threat);
        threat.Validate();
        if (threat.Epsilon == 0) throw new ArgumentOutOfRangeException(nameof(threat), threat, "An audit needs a radius above 0; four grey levels are 4/255.");
        this.detector = detector;
        this.threat = threat;
        this.options = options ?? new AuditOptions();
        this.options.Validate();
    }

    /// <summary>Audits on a benchmark's test images, with its training images for the oracle.</summary>
    /// <param name="benchmark">The data set under its protocol.</param>
    /// <param name="progress">Told when a check begins and after every batch of its attacks.</param>
    /// <param name="cancellation">Stops between passes.</param>
    /// <exception cref="ArgumentException">A class has fewer than four test images.</exception>
    /// <exception cref="OperationCanceledException">The audit was cancelled.</exception>
    /// <exception cref="InvalidOperationException">The score of an untouched image is NaN or infinite, or there is not one score for each image.</exception>
    public AuditResult Run(AnomalyBenchmark benchmark, IProgress<AuditProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(benchmark);
        int samples = options.SamplesPerClass ?? AttackSuite.SizeOf(options.Budget).Samples;
        RandomStreams streams = new(options.Seed);
        int[] sample = LabelledSample.Draw(benchmark.TestIsAnomalous, benchmark.Test.Count, samples, streams);
        int[] train = [.. Enumerable.Range(0, benchmark.Train.Count)];
        new Random((int)(streams.Derive("training sample") & int.MaxValue)).Shuffle(train);
        using Tensor images = benchmark.Test.Batch([.. sample.Select(i => (long)i)]);
        using Tensor training = benchmark.Train.Batch([.. train.Take(samples).Select(i => (long)i)]);
        return Run(images, sample, [.. sample.Select(i => benchmark.TestIsAnomalous[i])], train.Length > 0 ? training : null, progress, cancellation);
    }

    /// <summary>Audits on labelled images given as tensors; all of them are used.</summary>
    /// <param name="images">[N, 3, H, W] in [0, 1] on the CPU.</param>
    /// <param name="isAnomalous">The label of each image.</param>
    /// <param name="training">Normal training images [M, 3, H, W], for the oracle; may be left out.</param>
    /// <param name="progress">Told when a check begins and after every batch of its attacks.</param>
    /// <param name="cancellation">Stops between passes.</param>
    /// <inheritdoc cref="Run(AnomalyBenchmark, IProgress{AuditProgress}?, CancellationToken)"/>
    public AuditResult Run(
        Tensor images, IReadOnlyList<bool> isAnomalous, Tensor? training = null, IProgress<AuditProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(isAnomalous);
        return Run(images, [.. Enumerable.Range(0, isAnomalous.Count)], [.. isAnomalous], training, progress, cancellation);
    }

    private AuditResult Run(
        Tensor images, int[] sample, bool[] isAnomalous, Tensor? training, IProgress<AuditProgress>? progress, CancellationToken cancellation)
    {
        int anomalies = isAnomalous.Count(anomalous => anomalous), normals = isAnomalous.Length - anomalies;
        if (Math.Min(normals, anomalies) < 4)
            throw new ArgumentException($"An audit needs at least four images of each class, found {normals} normal and {anomalies} anomalous ones.", nameof(isAnomalous));

        long started = Stopwatch.GetTimestamp();
        IAuditCheck? current = null;
        using AuditContext context = new(detector, threat, options, images, isAnomalous, training, Report, cancellation);
        List<AuditCheck> outcomes = [];
        foreach (IAuditCheck check in Checks)
        {
            cancellation.ThrowIfCancellationRequested();
            current = check;
            Report(default);
            AuditFinding finding = Look(check, context);
            outcomes.Add(new AuditCheck(check.Number, check.Name, finding.Status, finding.Measured, check.Criterion, finding.Meaning));
        }

        return new AuditResult
        {
            Detector = detector.Name,
            Threat = threat,
            Budget = options.Budget,
            Normals = normals,
            Anomalies = anomalies,
            CleanAuroc = context.CleanAuroc,
            WorstAuroc = context.WorstAuroc,
            Evaluation = context.Evaluation(sample),
            Checks = outcomes,
            Duration = Stopwatch.GetElapsedTime(started),
        };

        void Report(StageProgress stage) => progress?.Report(new AuditProgress(
            current?.Number ?? 1, Checks.Length, current?.Name ?? "", stage.Attack ?? "", stage.Done, stage.Total));
    }

    private static AuditFinding Look(IAuditCheck check, AuditContext context)
    {
        if (check.NeedsGradient && !context.HasGradient) return AuditFinding.Skip("The detector has no gradient; see check 11.");
        try
        {
            return check.Run(context);
        }
        catch (InvalidOperationException exception)
        {
            // A score that breaks down somewhere in the ball is a finding about the detector, not a failure of the audit.
            return new AuditFinding(AuditStatus.Flag, "stopped", exception.Message);
        }
    }
}
