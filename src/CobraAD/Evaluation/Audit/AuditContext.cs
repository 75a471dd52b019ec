using System.Diagnostics;
using CobraAD.Attacks;
using CobraAD.Attacks.BlackBox;
using CobraAD.Attacks.Gradient;
using CobraAD.Attacks.Records;
using CobraAD.Detection;
using CobraAD.Evaluation.Metrics;
using CobraAD.Evaluation.Robustness;
using CobraAD.Numerics;
using CobraAD.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Evaluation.Audit;

/// <summary>What the checks of one audit share: the sample, and every attack that any of them ran.</summary>
internal sealed class AuditContext : IDisposable
{
    private readonly Dictionary<string, Trial> trials = [];
    private readonly Action<StageProgress> progress;
    private readonly Ledger clean;

    public AuditContext(
        IAnomalyDetector detector, ThreatModel threat, AuditOptions options, Tensor images, bool[] isAnomalous, Tensor? training,
        Action<StageProgress> progress, CancellationToken cancellation)
    {
        Detector = detector;
        Threat = threat;
        Options = options;
        Images = images;
        IsAnomalous = isAnomalous;
        Training = training;
        Cancellation = cancellation;
        this.progress = progress;
        clean = Open(threat);
        CleanScores = [.. clean.CleanScores];
        CleanAuroc = Auroc(CleanScores);
        HasGradient = detector.IsDifferentiable && IsConnected();
    }

    public IAnomalyDetector Detector { get; }

    public ThreatModel Threat { get; }

    public AuditOptions Options { get; }

    public AttackSuite.Size Size => AttackSuite.SizeOf(Options.Budget);

    public CancellationToken Cancellation { get; }

    public RandomStreams Streams => new(Options.Seed);

    /// <summary>The sample [N, 3, H, W] on the CPU.</summary>
    public Tensor Images { get; }

    public bool[] IsAnomalous { get; }

    /// <summary>Normal training images [M, 3, H, W] on the CPU, where there are any.</summary>
    public Tensor? Training { get; }

    public double[] CleanScores { get; }

    public double CleanAuroc { get; }

    /// <summary>Whether the score is connected to its input in the autograd graph.</summary>
    public bool HasGradient { get; }

    /// <summary>Every attack that was run, within whatever threat model.</summary>
    public IReadOnlyCollection<Trial> Trials => trials.Values;

    /// <summary>AUROC under everything that was run within the audit's own threat model.</summary>
    public double WorstAuroc
    {
        get
        {
            using Ledger together = Together(OwnTrials);
            return Auroc(together.WorstScores);
        }
    }

    /// <summary>Where attacks that a check runs by other means report their progress.</summary>
    public IProgress<RobustnessProgress> Passes => new PassProgress(progress);

    /// <summary>The strongest plain attack that the budget buys, which others are compared with.</summary>
    public Pgd Reference => new() { Steps = Size.Steps, Restarts = Size.Restarts };

    /// <summary>What is used where any attack will do: the reference, or Square without gradients.</summary>
    public IAttack Usual => HasGradient ? Reference : new Square { Queries = Size.Queries };

    /// <summary>Every way in which the audit follows gradients; other checks run the same attacks, so together they cost nothing more.</summary>
    public IEnumerable<IAttack> GradientAttacks =>
    [
        Reference, Reference with { Restarts = 2 * Size.Restarts }, new Pgd { Steps = Size.Steps }, new Pgd { Steps = 2 * Size.Steps },
        new Apgd { Steps = Size.Steps, Restarts = 1 }, .. SurrogateAttack is { } smooth ? [smooth] : Array.Empty<IAttack>(),
    ];

    /// <summary>The plain attack that is as many runs as one on the score and one on each of its smoother forms.</summary>
    public Apgd PlainEqual => new() { Steps = Size.Steps, Restarts = 1 + Detector.Surrogates.Count };

    /// <summary>The attack on a smoothed copy of the score, about as dear as <see cref="Reference"/> with twice the restarts.</summary>
    public SmoothedAscent SmoothedAttack => new() { Steps = Math.Max(5, Size.Steps / 2) };

    /// <summary>The attack that climbs smoother forms of the score; <see langword="null"/> for a detector that offers none.</summary>
    public Apgd? SurrogateAttack => Detector.Surrogates.Count == 0 ? null : new() { Steps = Size.Steps, Restarts = 0, Surrogates = true };

    /// <summary>
    /// Points of AUROC that do not count: the published tolerance, but never less than one pair of images, the resolution of the sample.
    /// </summary>
    public double Tolerance(double points) => Math.Max(points / 100, 1.0001 / (Normals * (double)Anomalies));

    public int Normals => IsAnomalous.Count(anomalous => !anomalous);

    public int Anomalies => IsAnomalous.Length - Normals;

    /// <summary>
    /// Spread of the untouched images' scores, the unit in which gains are measured: interquartile range; the whole range where half of
    /// the scores are equal, as those of a clamped score are; 1 where all are.
    /// </summary>
    public double Spread
    {
        get
        {
            double[] sorted = [.. CleanScores.Order()];
            double middle = Quantile.AtOrBefore(sorted, 0.75) - Quantile.AtOrBefore(sorted, 0.25), whole = sorted[^1] - sorted[0];
            return middle > 0 ? middle : whole > 0 ? whole : 1;
        }
    }

    /// <summary>Spread of the untouched normal images' scores, which training may have pressed together; <see cref="Spread"/> where there is none.</summary>
    public double NormalSpread
    {
        get
        {
            double[] sorted = [.. Rows(anomalous: false).Select(row => CleanScores[row]).Order()];
            double middle = Quantile.AtOrBefore(sorted, 0.75) - Quantile.AtOrBefore(sorted, 0.25);
            return middle > 0 ? Math.Min(middle, Spread) : Spread;
        }
    }

    public double Auroc(IReadOnlyList<double> scores) => DetectionMetrics.Compute(scores, IsAnomalous).Auroc;

    /// <summary>What AUROC falls by in all but one in twenty resamplings of the images, the same images under both attacks.</summary>
    public double LeastFall(IReadOnlyList<double> weaker, IReadOnlyList<double> stronger)
    {
        const int resamplings = 400;
        Random random = new((int)(Streams.Derive("fall of AUROC") & int.MaxValue));
        int[] normals = Rows(anomalous: false), anomalies = Rows(anomalous: true);
        bool[] labels = [.. normals.Select(_ => false), .. anomalies.Select(_ => true)];
        double[] falls = new double[resamplings];
        for (int round = 0; round < resamplings; round++)
        {
            int[] drawn = [.. normals.Select(_ => normals[random.Next(normals.Length)]), .. anomalies.Select(_ => anomalies[random.Next(anomalies.Length)])];
            falls[round] = Of(weaker) - Of(stronger);

            double Of(IReadOnlyList<double> scores) => DetectionMetrics.Compute([.. drawn.Select(i => scores[i])], labels).Auroc;
        }

        return Quantile.AtOrBefore([.. falls.Order()], 0.05);
    }

    /// <summary>The result of an attack that starts from the untouched images; run once however many checks ask.</summary>
    public Trial Attack(IAttack attack, ThreatModel? within = null)
    {
        ThreatModel threat = within ?? Threat;
        string key = $"{threat} {attack}";
        if (trials.TryGetValue(key, out Trial? trial)) return trial;
        long started = Stopwatch.GetTimestamp();
        Ledger ledger = Open(threat);
        try
        {
            attack.Run(new AttackContext(Detector, ledger, Streams, Options.BatchSize, Cancellation) { Progress = progress });
            LedgerCheck audit = LedgerCheck.Verify(ledger, Detector, Options.BatchSize, Cancellation);
            trial = new Trial(attack, ledger, audit, Stopwatch.GetElapsedTime(started));
        }
        catch
        {
            ledger.Dispose();
            throw;
        }

        return trials[key] = trial;
    }

    /// <summary>Scores of other images, without gradients.</summary>
    public double[] Score(Tensor images) => FiniteScore.OfAll(Detector, images, Options.BatchSize, Cancellation);

    /// <summary>Rows of the sample of one class.</summary>
    public int[] Rows(bool anomalous) => [.. Enumerable.Range(0, IsAnomalous.Length).Where(i => IsAnomalous[i] == anomalous)];

    /// <summary>
    /// Images that more attacks could still matter for, whatever the given trials found: the others are ranked wrongly against the whole
    /// other class already, and going further changes no metric.
    /// </summary>
    public int[] OpenImages(params IReadOnlyList<Trial> trials)
    {
        using Ledger together = Together(trials);
        return together.OpenImages();
    }

    /// <summary>Everything that was run within the audit's own threat model, as one evaluation; the caller disposes it.</summary>
    /// <param name="sample">Index of each image in the test set.</param>
    public RobustnessResult Evaluation(IReadOnlyList<int> sample)
    {
        Trial[] own = [.. OwnTrials];
        RobustnessOptions options = new() { BatchSize = Options.BatchSize, SamplesPerClass = Options.SamplesPerClass, Seed = Options.Seed };
        Ledger union = Together(own);
        return new RobustnessResult
        {
            Detector = Detector.Name,
            Threat = Threat,
            Options = options,
            Sample = sample,
            IsAnomalous = IsAnomalous,
            Clean = Describe(CleanScores),
            Attacks =
            [
                .. own.Select(trial => new AttackOutcome(
                    trial.Attack.Name, trial.Attack.ToString() ?? trial.Attack.Name, Describe(trial.Ledger.WorstScores), trial.Ledger.ForwardPasses,
                    trial.Ledger.BackwardPasses, trial.Ledger.UnusableGradients, trial.Ledger.Count - trial.Ledger.OpenImages().Length, trial.Duration, trial.Audit)),
            ],
            Union = Describe(union.WorstScores),
            Ledger = union,
        };

        ScoredImages Describe(IReadOnlyList<double> scores) => ScoredImages.Of(scores, CleanScores, IsAnomalous, Detector.Threshold, options);
    }

    public void Dispose()
    {
        foreach (Trial trial in trials.Values) trial.Dispose();
        clean.Dispose();
    }

    private IEnumerable<Trial> OwnTrials => trials.Values.Where(trial => trial.Ledger.Threat == Threat);

    private Ledger Together(IEnumerable<Trial> trials)
    {
        Ledger together = clean.Fresh();
        foreach (Trial trial in trials) together.Absorb(trial.Ledger, withCost: true);
        return together;
    }

    private Ledger Open(ThreatModel threat) =>
        Ledger.Open(Detector, Images, IsAnomalous, threat, batchSize: Options.BatchSize, cancellation: Cancellation);

    private bool IsConnected()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor leaf = Images.narrow(0, 0, 1).to(Detector.Device, copy: true).requires_grad_();
        return FiniteScore.Of(Detector, leaf).requires_grad;
    }

    private sealed class PassProgress(Action<StageProgress> progress) : IProgress<RobustnessProgress>
    {
        public void Report(RobustnessProgress value) => progress(new StageProgress(value.Name, value.Done, value.Total));
    }
}
