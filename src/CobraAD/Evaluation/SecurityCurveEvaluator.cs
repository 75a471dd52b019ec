using System.Diagnostics;
using CobraAD.Attacks;
using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Evaluation;

/// <summary>
/// Measures a detector against an attacker of growing radius. Every point found at one radius is admissible at all larger ones and stays a
/// candidate there, so the curve never rises; an honest one falls to chance and below.
/// </summary>
public sealed class SecurityCurveEvaluator
{
    private const int Bisections = 10;

    private readonly IAnomalyDetector detector;
    private readonly Norm norm;
    private readonly double[] radii;
    private readonly IReadOnlyList<IAttack> attacks;
    private readonly RobustnessOptions options;

    /// <summary>Prepares a curve.</summary>
    /// <param name="detector">The detector under attack, in evaluation mode.</param>
    /// <param name="norm">How perturbations are measured.</param>
    /// <param name="radii">The radii, in any order; repetitions count once.</param>
    /// <param name="attacks">What runs at each radius.</param>
    /// <param name="options">Sample, seed, batches and bootstrap; the state file, the order and the rule are not used.</param>
    /// <exception cref="ArgumentException">There is no radius.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A radius or an option is outside its range.</exception>
    public SecurityCurveEvaluator(
        IAnomalyDetector detector, Norm norm, IReadOnlyList<double> radii, IReadOnlyList<IAttack> attacks, RobustnessOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(detector);
        ArgumentNullException.ThrowIfNull(radii);
        ArgumentNullException.ThrowIfNull(attacks);
        if (radii.Count == 0) throw new ArgumentException("A security curve needs at least one radius.", nameof(radii));
        this.detector = detector;
        this.norm = norm;
        this.radii = [.. radii.Distinct().Order()];
        this.attacks = attacks;
        this.options = options ?? new RobustnessOptions();
        this.options.Validate();
        foreach (double radius in this.radii) new ThreatModel(norm, radius).Validate();
        foreach (Attack attack in attacks.OfType<Attack>()) attack.Validate();
    }

    /// <summary>Attacks a benchmark's test set at every radius.</summary>
    /// <param name="benchmark">The data set under its protocol.</param>
    /// <param name="progress">Told after every batch; the attacks of all radii are counted.</param>
    /// <param name="cancellation">Stops between passes.</param>
    /// <exception cref="OperationCanceledException">The measurement was cancelled.</exception>
    /// <exception cref="InvalidOperationException">The detector returned NaN, an infinity, or not one score for each image.</exception>
    public SecurityCurve Measure(AnomalyBenchmark benchmark, IProgress<RobustnessProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(benchmark);
        int[] sample = LabelledSample.Draw(benchmark.TestIsAnomalous, benchmark.Test.Count, options.SamplesPerClass, new RandomStreams(options.Seed));
        using Tensor images = benchmark.Test.Batch([.. sample.Select(i => (long)i)]);
        return Measure(images, sample, [.. sample.Select(i => benchmark.TestIsAnomalous[i])], progress, cancellation);
    }

    /// <summary>Attacks labelled images at every radius.</summary>
    /// <param name="images">[N, 3, H, W] in [0, 1] on the CPU.</param>
    /// <param name="isAnomalous">The label of each image.</param>
    /// <param name="progress">Told after every batch; the attacks of all radii are counted.</param>
    /// <param name="cancellation">Stops between passes.</param>
    /// <exception cref="ArgumentException">The number of labels differs, or a class is empty.</exception>
    /// <inheritdoc cref="Measure(AnomalyBenchmark, IProgress{RobustnessProgress}?, CancellationToken)"/>
    public SecurityCurve Measure(
        Tensor images, IReadOnlyList<bool> isAnomalous, IProgress<RobustnessProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(images);
        int[] sample = LabelledSample.Draw(isAnomalous, (int)images.size(0), options.SamplesPerClass, new RandomStreams(options.Seed));
        using Tensor index = tensor(sample.Select(i => (long)i).ToArray());
        using Tensor chosen = images.index_select(0, index);
        return Measure(chosen, sample, [.. sample.Select(i => isAnomalous[i])], progress, cancellation);
    }

    private SecurityCurve Measure(Tensor images, int[] sample, bool[] isAnomalous, IProgress<RobustnessProgress>? progress, CancellationToken cancellation)
    {
        List<SecurityCurvePoint> points = [];
        double?[] flips = new double?[sample.Length];
        Ledger? before = null;
        try
        {
            foreach (double radius in radii)
            {
                long started = Stopwatch.GetTimestamp();
                Ledger ledger = Ledger.Open(detector, images, isAnomalous, new ThreatModel(norm, radius), batchSize: options.BatchSize, cancellation: cancellation);
                try
                {
                    Attack(ledger, points.Count, progress, cancellation);
                    (long forwards, long backwards) = (ledger.ForwardPasses, ledger.BackwardPasses);
                    if (before is not null) ledger.Absorb(before);
                    FindFlips(ledger, flips, points.Count == 0 ? 0 : points[^1].Radius, cancellation);
                    ScoredImages worst = ScoredImages.Of(ledger.WorstScores, ledger.CleanScores, isAnomalous, detector.Threshold, options);
                    points.Add(new SecurityCurvePoint(radius, worst, forwards, backwards, Stopwatch.GetElapsedTime(started)));
                }
                finally
                {
                    before?.Dispose();
                    before = ledger;
                }
            }
        }
        finally
        {
            before?.Dispose();
        }

        return new SecurityCurve
        {
            Detector = detector.Name,
            Norm = norm,
            Points = points,
            Sample = sample,
            IsAnomalous = isAnomalous,
            FlipRadii = detector.Threshold is null ? null : flips,
        };
    }

    private void Attack(Ledger ledger, int place, IProgress<RobustnessProgress>? progress, CancellationToken cancellation)
    {
        if (ledger.Threat.Epsilon == 0) return;
        double cleanAuroc = DetectionMetrics.Compute(ledger.CleanScores, ledger.IsAnomalous).Auroc;
        foreach ((int i, IAttack attack) in attacks.Index())
        {
            using Ledger own = ledger.Fresh();
            AttackContext context = new(detector, own, new RandomStreams(options.Seed), options.BatchSize, cancellation)
            {
                Progress = stage => progress?.Report(new RobustnessProgress(
                    place * attacks.Count + i, radii.Length * attacks.Count, $"{stage.Attack} at {ledger.Threat}", stage.Done, stage.Total,
                    cleanAuroc, DetectionMetrics.Compute(own.WorstScores, own.IsAnomalous).Auroc)),
            };
            attack.Run(context);
            own.Audit(detector, options.BatchSize, cancellation);
            ledger.Absorb(own);
        }
    }

    private void FindFlips(Ledger ledger, double?[] flips, double smaller, CancellationToken cancellation)
    {
        if (detector.Threshold is not double threshold) return;
        List<int> crossed = [];
        for (int i = 0; i < flips.Length; i++)
        {
            if (flips[i] is not null) continue;
            if (ledger.CleanScores[i] > threshold != ledger.IsAnomalous[i]) flips[i] = 0;
            else if (ledger.WorstScores[i] > threshold != ledger.IsAnomalous[i]) crossed.Add(i);
        }

        foreach (int[] rows in crossed.Chunk(options.BatchSize))
        {
            cancellation.ThrowIfCancellationRequested();
            double[] found = Refine(ledger, rows, threshold, smaller);
            for (int row = 0; row < rows.Length; row++) flips[rows[row]] = found[row];
        }
    }

    // On the segment from the untouched image to the point that crossed: both are admissible, and so is all between them.
    private double[] Refine(Ledger ledger, int[] rows, double threshold, double smaller)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        Tensor clean = ledger.CleanImages(rows).to(detector.Device);
        Tensor path = ledger.WorstImages(rows).to(detector.Device) - clean;
        Tensor distance = new Ball(ledger.Threat, clean).Distance(clean + path);
        Tensor anomalous = tensor(rows.Select(i => ledger.IsAnomalous[i]).ToArray(), device: detector.Device);
        Tensor low = (smaller / distance).clamp_max(1), high = ones_like(distance);
        for (int i = 0; i < Bisections; i++)
        {
            Tensor middle = (low + high) / 2;
            Tensor score = CheckedScore.Of(detector, clean + path * Ball.PerRow(middle, path).to(path.dtype));
            Tensor flipped = score.gt(threshold).ne(anomalous);
            (low, high) = (where(flipped, low, middle), where(flipped, middle, high));
        }

        return [.. CheckedScore.ToDoubles(high * distance).Select(radius => Math.Min(radius, ledger.Threat.Epsilon))];
    }
}
