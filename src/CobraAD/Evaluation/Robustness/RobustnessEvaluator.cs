using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using CobraAD.Attacks;
using CobraAD.Attacks.Records;
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

    /// <summary>Attacks labelled images, e.g. the test set of a benchmark.</summary>
    /// <param name="images">The test images.</param>
    /// <param name="progress">Told after every batch.</param>
    /// <param name="cancellation">Stops the evaluation; with a state file it can go on later.</param>
    /// <exception cref="ArgumentException">A class has no image.</exception>
    /// <exception cref="OperationCanceledException">The evaluation was cancelled.</exception>
    /// <exception cref="InvalidDataException">The state file is damaged or belongs to another evaluation.</exception>
    /// <exception cref="InvalidOperationException">The detector returned NaN, an infinity, or not one score for each image.</exception>
    public RobustnessResult Evaluate(EvaluationSet images, IProgress<RobustnessProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(images);
        int[] sample = images.Sample(options);
        using Tensor batch = images.Images(sample, options.MostBytesOfOne);
        RobustnessResult result = EvaluateSample(batch, sample, [.. sample.Select(i => images.IsAnomalous[i])], smallerRadius: null, progress, cancellation);
        if (!options.KeepState) DeleteState();
        return result;
    }

    /// <summary>Whether there is a state file that this evaluation would go on from.</summary>
    public bool HasState() => File.Exists(options.StateFile);

    /// <summary>Deletes the state file, where there is one: what <see cref="RobustnessOptions.KeepState"/> leaves to the caller.</summary>
    public void DeleteState()
    {
        if (options.StateFile is not null) File.Delete(options.StateFile);
    }

    /// <summary>Attacks the images of a sample; the state file stays.</summary>
    /// <param name="images">[N, 3, H, W] in [0, 1] on the CPU.</param>
    /// <param name="sample">Index of each image in the test set.</param>
    /// <param name="isAnomalous">The label of each image.</param>
    /// <param name="smallerRadius">What the same attacks recorded under a smaller radius: candidates of the union from the start.</param>
    /// <param name="progress">Told after every batch.</param>
    /// <param name="cancellation">Stops the evaluation.</param>
    internal RobustnessResult EvaluateSample(
        Tensor images, int[] sample, bool[] isAnomalous, Ledger? smallerRadius, IProgress<RobustnessProgress>? progress, CancellationToken cancellation)
    {
        Ledger union = Ledger.Open(detector, images, isAnomalous, threat, options.Rule, options.BatchSize, cancellation);
        try
        {
            EvaluationState state = new(options.StateFile, Fingerprint(images, union), options.SaveEvery);
            using LedgerPair ledgers = new(union, options.Order);
            if (smallerRadius is not null) union.Absorb(smallerRadius, withCost: false);
            state.Load(ledgers);
            RunAttacks(ledgers, state, progress, cancellation);
            return new RobustnessResult
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
        }
        catch
        {
            union.Dispose();
            throw;
        }
    }

    /// <summary>Attacks some consecutive images of a sample whose clean scores are known. What was found is in the state file, which is needed here; a complete one is left as it is.</summary>
    /// <param name="images">[n, 3, H, W] in [0, 1] on the CPU.</param>
    /// <param name="first">Index of the first of them in the sample.</param>
    /// <param name="isAnomalous">The label of each image of the sample.</param>
    /// <param name="cleanScores">The score of each.</param>
    /// <param name="progress">Told after every batch.</param>
    /// <param name="cancellation">Stops the evaluation; it goes on where it was.</param>
    internal void EvaluatePart(
        Tensor images, int first, bool[] isAnomalous, double[] cleanScores, IProgress<RobustnessProgress>? progress, CancellationToken cancellation)
    {
        (LedgerPair ledgers, EvaluationState state) = OpenPart(images, first, isAnomalous, cleanScores);
        using Ledger union = ledgers.Union;
        using (ledgers) RunAttacks(ledgers, state, progress, cancellation);
    }

    /// <summary>What <see cref="EvaluatePart"/> left. The caller disposes the ledger.</summary>
    /// <inheritdoc cref="EvaluatePart"/>
    /// <exception cref="InvalidDataException">The state file is damaged, incomplete or of another evaluation.</exception>
    internal (Ledger Union, IReadOnlyList<EvaluationState.Finished> Attacks) ReadPart(Tensor images, int first, bool[] isAnomalous, double[] cleanScores)
    {
        (LedgerPair ledgers, EvaluationState state) = OpenPart(images, first, isAnomalous, cleanScores);
        using (ledgers)
        {
            if (state.Done.Count == attacks.Count) return (ledgers.Union, state.Done);
            ledgers.Union.Dispose();
            throw new InvalidDataException($"'{options.StateFile}' is not complete. Run the command again to go on with it.");
        }
    }

    /// <summary>The result of a sample whose parts were evaluated. The caller disposes it; it takes over the ledger.</summary>
    /// <param name="ledger">Of the whole sample.</param>
    /// <param name="sample">Index of each image in the test set.</param>
    /// <param name="parts">What each part's attacks did, in the order of the parts.</param>
    internal RobustnessResult Join(Ledger ledger, int[] sample, IReadOnlyList<IReadOnlyList<EvaluationState.Finished>> parts) => new()
    {
        Detector = detector.Name,
        Threat = threat,
        Options = options,
        Sample = sample,
        IsAnomalous = ledger.IsAnomalous,
        Clean = Describe(ledger.CleanScores, ledger),
        Attacks = [.. attacks.Select((attack, k) => Describe(attack, EvaluationState.Finished.Joined([.. parts.Select(part => part[k])], ledger), ledger))],
        Union = Describe(ledger.WorstScores, ledger),
        Ledger = ledger,
    };

    private (LedgerPair Ledgers, EvaluationState State) OpenPart(Tensor images, int first, bool[] isAnomalous, double[] cleanScores)
    {
        Ledger union = Ledger.OfPart(images, first, isAnomalous, cleanScores, threat, options.Rule);
        return Handover.OrDispose(union, () =>
        {
            EvaluationState state = new(options.StateFile, Fingerprint(images, union), options.SaveEvery);
            LedgerPair ledgers = new(union, options.Order);
            return Handover.OrDispose(ledgers, () =>
            {
                state.Load(ledgers);
                return (ledgers, state);
            });
        });
    }

    private void RunAttacks(LedgerPair ledgers, EvaluationState state, IProgress<RobustnessProgress>? progress, CancellationToken cancellation)
    {
        RandomStreams streams = new(options.Seed);
        Ledger current = ledgers.Current;
        double cleanAuroc = Auroc(current.CleanScores, current);
        while (state.Done.Count < attacks.Count)
        {
            int index = state.Done.Count;
            long started = Stopwatch.GetTimestamp();
            TimeSpan Spent() => state.Spent + Stopwatch.GetElapsedTime(started);
            (long forwards, long backwards, long unusable) = state.CostBefore(ledgers);
            AttackContext context = new(detector, current, streams, options.BatchSize, cancellation)
            {
                Journal = state.Journal,
                Pace = new BatchPace(options.StateFile is null ? TimeSpan.Zero : options.SaveEvery),
                Progress = stage =>
                {
                    progress?.Report(new RobustnessProgress(
                        index, attacks.Count, stage.Attack, stage.Done, stage.Total, cleanAuroc, Auroc(current.WorstScores, current)));
                    state.SaveNowAndThen(ledgers, Spent());
                },
            };
            try
            {
                // In a ball without extent there is nothing to search.
                if (threat.Epsilon > 0) attacks[index].Run(context);
            }
            catch (OperationCanceledException)
            {
                state.Save(ledgers, Spent());
                throw;
            }

            LedgerCheck check = LedgerCheck.Verify(current, detector, options.BatchSize, cancellation);
            ledgers.Unite();
            state.Finish(new EvaluationState.Finished(
                [.. current.Images.Select(image => current.WorstScores[image])], current.ForwardPasses - forwards, current.BackwardPasses - backwards, current.UnusableGradients - unusable,
                current.Count - current.OpenImages().Length, Spent(), check));
            ledgers.Next();
            state.Save(ledgers, TimeSpan.Zero);
        }
    }

    private AttackOutcome Describe(IAttack attack, EvaluationState.Finished finished, Ledger ledger) => new(
        attack.Name, attack.ToString() ?? attack.Name, Describe(finished.Scores, ledger), finished.Forwards, finished.Backwards,
        finished.Unusable, finished.RankBroken, finished.Duration, finished.Audit);

    private ScoredImages Describe(IReadOnlyList<double> scores, Ledger ledger) =>
        ScoredImages.Of(scores, ledger.CleanScores, ledger.IsAnomalous, detector.Threshold, options);

    private static double Auroc(IReadOnlyList<double> scores, Ledger ledger) => DetectionMetrics.Compute(scores, ledger.IsAnomalous).Auroc;

    private string Fingerprint(Tensor images, Ledger ledger)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (int i in ledger.Images)
        {
            using Tensor image = images[i - ledger.First].contiguous();
            hash.AppendData(image.bytes);
            hash.AppendData([ledger.IsAnomalous[i] ? (byte)1 : (byte)0]);
        }

        string imageHash = Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
        hash.AppendData(MemoryMarshal.AsBytes(ledger.CleanScores.ToArray().AsSpan()));
        string scoreHash = Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
        return $"detector {detector.Name}, images {imageHash}, clean scores {scoreHash}, {threat}, {options.Rule}, {options.Order}, seed {options.Seed}, {string.Join("; ", attacks.Select(Recipe))}";

        // PGD's cosine began with a quarter of the radius before it had this option: states of that time go on with the same steps.
        static string? Recipe(IAttack attack) => attack.ToString()?.Replace(",first-step=0.25", "", StringComparison.Ordinal);
    }
}
