using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using CobraAD.Attacks;
using CobraAD.Attacks.Records;
using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Evaluation.Metrics;
using CobraAD.Torch;
using static TorchSharp.torch;

namespace CobraAD.Evaluation.Robustness;

/// <summary>
/// Measures how a detector ranks normal and anomalous images when both are attacked: normal images to look anomalous, anomalous ones
/// to look normal. Robust AUROC is never above clean AUROC, because the clean image is one of the attacker's candidates.
/// </summary>
/// <example>
/// <code>
/// RobustnessEvaluator evaluator = new(detector, ThreatModel.Parse("4/255"), AttackRecipe.ParseMany("fgsm pgd:steps=100,restarts=5"));
/// using RobustnessResult result = evaluator.Evaluate(benchmark);
/// Console.WriteLine($"{result.Clean.Metrics.Auroc:P1} clean, {result.Union.Metrics.Auroc:P1} attacked");
/// </code>
/// </example>
public sealed class RobustnessEvaluator
{
    private readonly IAnomalyDetector detector;
    private readonly ThreatModel threat;
    private readonly IReadOnlyList<IAttack> attacks;
    private readonly RobustnessOptions options;

    /// <summary>Prepares an evaluation.</summary>
    /// <param name="detector">The detector under attack, in evaluation mode.</param>
    /// <param name="threat">What the attacker may do.</param>
    /// <param name="attacks">The attacks, in order.</param>
    /// <param name="options">How the evaluation is carried out; defaults when <see langword="null"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The radius or an option is outside its range.</exception>
    public RobustnessEvaluator(IAnomalyDetector detector, ThreatModel threat, IReadOnlyList<IAttack> attacks, RobustnessOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(detector);
        ArgumentNullException.ThrowIfNull(threat);
        ArgumentNullException.ThrowIfNull(attacks);
        this.detector = detector;
        this.threat = threat;
        this.attacks = attacks;
        this.options = options ?? new RobustnessOptions();
        threat.Validate();
        this.options.Validate();
        foreach (Attack attack in attacks.OfType<Attack>()) attack.Validate();
    }

    /// <summary>Attacks a benchmark's test set.</summary>
    /// <param name="benchmark">The data set under its protocol.</param>
    /// <param name="progress">Told after every batch.</param>
    /// <param name="cancellation">Stops the evaluation; with a state file it can go on later.</param>
    /// <exception cref="OperationCanceledException">The evaluation was cancelled.</exception>
    /// <exception cref="InvalidDataException">The state file is damaged or belongs to another evaluation.</exception>
    /// <exception cref="InvalidOperationException">The detector returned NaN, an infinity, or not one score for each image.</exception>
    public RobustnessResult Evaluate(
        AnomalyBenchmark benchmark, IProgress<RobustnessProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(benchmark);
        return Evaluate(benchmark.Test, benchmark.TestIsAnomalous, progress, cancellation);
    }

    /// <summary>Attacks labelled images.</summary>
    /// <param name="images">The test images.</param>
    /// <param name="isAnomalous">The label of each image.</param>
    /// <param name="progress">Told after every batch.</param>
    /// <param name="cancellation">Stops the evaluation; with a state file it can go on later.</param>
    /// <exception cref="ArgumentException">The number of labels differs, or a class is empty.</exception>
    /// <inheritdoc cref="Evaluate(AnomalyBenchmark, IProgress{RobustnessProgress}?, CancellationToken)"/>
    public RobustnessResult Evaluate(
        ImageSet images, IReadOnlyList<bool> isAnomalous, IProgress<RobustnessProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(images);
        int[] sample = Sample(isAnomalous, images.Count);
        using Tensor batch = images.Batch([.. sample.Select(i => (long)i)]);
        return Evaluate(batch, sample, isAnomalous, progress, cancellation);
    }

    /// <summary>
    /// The security curve: attacks labelled images under growing radii of the same norm. A point found under a smaller radius stays a
    /// candidate under the larger ones, so the union's AUROC cannot rise along the curve.
    /// </summary>
    /// <param name="images">The test images.</param>
    /// <param name="isAnomalous">The label of each image.</param>
    /// <param name="epsilons">The radii, in place of the threat model's own; they are attacked in ascending order.</param>
    /// <param name="progress">Told after every batch.</param>
    /// <param name="cancellation">Stops the evaluation; with a state file (one for each radius) it can go on later.</param>
    /// <returns>One result for each distinct radius, ascending; the caller disposes them.</returns>
    /// <exception cref="ArgumentException">The number of labels differs, or a class is empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A radius is outside its range, or there is none.</exception>
    /// <inheritdoc cref="Evaluate(AnomalyBenchmark, IProgress{RobustnessProgress}?, CancellationToken)"/>
    public IReadOnlyList<RobustnessResult> EvaluateCurve(
        ImageSet images, IReadOnlyList<bool> isAnomalous, IReadOnlyList<double> epsilons,
        IProgress<RobustnessProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(images);
        int[] sample = Sample(isAnomalous, images.Count);
        using Tensor batch = images.Batch([.. sample.Select(i => (long)i)]);
        return EvaluateCurve(batch, sample, isAnomalous, epsilons, progress, cancellation);
    }

    internal IReadOnlyList<RobustnessResult> EvaluateCurve(
        Tensor batch, int[] sample, IReadOnlyList<bool> isAnomalous, IReadOnlyList<double> epsilons,
        IProgress<RobustnessProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(epsilons);
        ArgumentOutOfRangeException.ThrowIfZero(epsilons.Count, nameof(epsilons));
        RobustnessEvaluator[] stages = [.. epsilons.Distinct().Order().Select(At)];
        List<RobustnessResult> curve = [];
        try
        {
            foreach (RobustnessEvaluator stage in stages)
                curve.Add(stage.Evaluate(batch, sample, isAnomalous, progress, cancellation, curve.LastOrDefault()?.Ledger, keepState: true));
        }
        catch
        {
            curve.ForEach(result => result.Dispose());
            throw;
        }

        if (!options.KeepState) DeleteState(epsilons);
        return curve;
    }

    /// <summary>Whether there is a state file that this evaluation would go on from.</summary>
    /// <param name="epsilons">The radii of a security curve, which has a file for each; <see langword="null"/> for a single radius.</param>
    public bool HasState(IReadOnlyList<double>? epsilons = null) =>
        epsilons is null ? File.Exists(options.StateFile) : epsilons.Any(epsilon => At(epsilon).HasState());

    /// <summary>Deletes the state file, where there is one: what <see cref="RobustnessOptions.KeepState"/> leaves to the caller.</summary>
    /// <param name="epsilons">The radii of a security curve, which has a file for each; <see langword="null"/> for a single radius.</param>
    public void DeleteState(IReadOnlyList<double>? epsilons = null)
    {
        if (epsilons is null)
        {
            if (options.StateFile is not null) File.Delete(options.StateFile);
            return;
        }

        foreach (double epsilon in epsilons) At(epsilon).DeleteState();
    }

    /// <summary>Attacks labelled images given as a tensor.</summary>
    /// <param name="images">[N, 3, H, W] in [0, 1].</param>
    /// <param name="isAnomalous">The label of each image.</param>
    /// <param name="progress">Told after every batch.</param>
    /// <param name="cancellation">Stops the evaluation; with a state file it can go on later.</param>
    /// <exception cref="ArgumentException">The number of labels differs, or a class is empty.</exception>
    /// <inheritdoc cref="Evaluate(AnomalyBenchmark, IProgress{RobustnessProgress}?, CancellationToken)"/>
    public RobustnessResult Evaluate(
        Tensor images, IReadOnlyList<bool> isAnomalous, IProgress<RobustnessProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(images);
        int[] sample = Sample(isAnomalous, (int)images.size(0));
        using Tensor index = tensor(sample.Select(i => (long)i).ToArray());
        using Tensor onCpu = images.cpu();
        using Tensor chosen = onCpu.index_select(0, index);
        return Evaluate(chosen, sample, isAnomalous, progress, cancellation);
    }

    /// <summary>The same evaluation under another radius, with a state file of its own.</summary>
    private RobustnessEvaluator At(double epsilon)
    {
        ThreatModel other = threat with { Epsilon = epsilon };
        string? file = options.StateFile is null ? null : $"{options.StateFile}-{other.ToString().Replace(':', '-').Replace('/', '-')}";
        return new RobustnessEvaluator(detector, other, attacks, options with { StateFile = file });
    }

    private RobustnessResult Evaluate(
        Tensor images, int[] sample, IReadOnlyList<bool> allLabels, IProgress<RobustnessProgress>? progress, CancellationToken cancellation,
        Ledger? smallerRadius = null, bool keepState = false)
    {
        bool[] isAnomalous = [.. sample.Select(i => allLabels[i])];
        Ledger union = Ledger.Open(detector, images, isAnomalous, threat, options.Rule, options.BatchSize, cancellation);
        try
        {
            EvaluationState state = new(options.StateFile, Fingerprint(images, union), options.SaveEvery);
            Ledger current = Begin(union);
            if (smallerRadius is not null) union.Absorb(smallerRadius, withCost: false);
            try
            {
                state.Load(union, current);
                RunAttacks(union, current, state, progress, cancellation);
            }
            finally
            {
                if (!ReferenceEquals(current, union)) current.Dispose();
            }

            RobustnessResult result = new()
            {
                Detector = detector.Name,
                Threat = threat,
                Options = options,
                Sample = sample,
                IsAnomalous = isAnomalous,
                Clean = Describe(union.CleanScores, union),
                Attacks = [.. attacks.Zip(state.Done, (attack, finished) => Describe(attack, finished, union))],
                Union = Describe(union.WorstScores, union),
                Ledger = union,
            };
            if (!keepState && !options.KeepState) DeleteState();
            return result;
        }
        catch
        {
            union.Dispose();
            throw;
        }
    }

    private void RunAttacks(
        Ledger union, Ledger current, EvaluationState state, IProgress<RobustnessProgress>? progress, CancellationToken cancellation)
    {
        RandomStreams streams = new(options.Seed);
        double cleanAuroc = Auroc(union.CleanScores, union);
        while (state.Done.Count < attacks.Count)
        {
            int index = state.Done.Count;
            long started = Stopwatch.GetTimestamp();
            TimeSpan Spent() => state.Spent + Stopwatch.GetElapsedTime(started);
            (long forwards, long backwards, long unusable) = state.CostBefore(options.Order);
            AttackContext context = new(detector, current, streams, options.BatchSize, cancellation)
            {
                Journal = state.Journal,
                Progress = stage =>
                {
                    progress?.Report(new RobustnessProgress(
                        index, attacks.Count, stage.Attack, stage.Done, stage.Total, cleanAuroc, Auroc(current.WorstScores, current)));
                    state.SaveNowAndThen(union, current, Spent());
                },
            };
            try
            {
                attacks[index].Run(context);
            }
            catch (OperationCanceledException)
            {
                state.Save(union, current, Spent());
                throw;
            }

            LedgerCheck audit = LedgerCheck.Verify(current, detector, options.BatchSize, cancellation);
            if (!ReferenceEquals(current, union)) union.Absorb(current, withCost: true);
            state.Finish(new EvaluationState.Finished(
                [.. current.WorstScores], current.ForwardPasses - forwards, current.BackwardPasses - backwards, current.UnusableGradients - unusable,
                current.Count - current.OpenImages().Length, Spent(), audit));
            if (!ReferenceEquals(current, union)) current.Forget();
            state.Save(union, current, TimeSpan.Zero);
        }
    }

    private Ledger Begin(Ledger union) => options.Order == AttackOrder.Sequential ? union : union.Fresh();

    private int[] Sample(IReadOnlyList<bool> isAnomalous, int count) =>
        LabelledSample.Draw(isAnomalous, count, options.SamplesPerClass, new RandomStreams(options.Seed));

    private AttackOutcome Describe(IAttack attack, EvaluationState.Finished finished, Ledger ledger) => new(
        attack.Name, attack.ToString() ?? attack.Name, Describe(finished.Scores, ledger), finished.Forwards, finished.Backwards,
        finished.Unusable, finished.RankBroken, finished.Duration, finished.Audit);

    private ScoredImages Describe(IReadOnlyList<double> scores, Ledger ledger) =>
        ScoredImages.Of(scores, ledger.CleanScores, ledger.IsAnomalous, detector.Threshold, options);

    private static double Auroc(IReadOnlyList<double> scores, Ledger ledger) => DetectionMetrics.Compute(scores, ledger.IsAnomalous).Auroc;

    private string Fingerprint(Tensor images, Ledger ledger)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (int i = 0; i < ledger.Count; i++)
        {
            using Tensor image = images[i].contiguous();
            hash.AppendData(image.bytes);
            hash.AppendData([ledger.IsAnomalous[i] ? (byte)1 : (byte)0]);
        }

        string imageHash = Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
        hash.AppendData(MemoryMarshal.AsBytes(ledger.CleanScores.ToArray().AsSpan()));
        string scoreHash = Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
        return $"detector {detector.Name}, images {imageHash}, clean scores {scoreHash}, {threat}, {options.Rule}, {options.Order}, seed {options.Seed}, {string.Join("; ", attacks)}";
    }
}
