using CobraAD.Attacks;
using CobraAD.Attacks.Composite;
using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Evaluation.Audit;
using CobraAD.Evaluation.Certification;
using CobraAD.Evaluation.Corruptions;
using CobraAD.Evaluation.Localization;
using CobraAD.Evaluation.Robustness;
using CobraAD.Methods.Cobra;
using CobraAD.Methods.Tiles;
using TorchSharp;

namespace CobraAD;

/// <summary>
/// All that is to be found out about a detector's robustness, in one order: refuse what cannot run, go on from an interrupted run, attack (along a
/// curve of radii, if there are several), measure common corruptions, audit, and only then delete the state file.
/// </summary>
/// <example><code>
/// using var result = new RobustnessStudy("4/255", "fgsm pgd:steps=100,restarts=5") { Audit = new() }.Run(detector, data);
/// result.Report("My detector").Write("report");
/// </code></example>
public sealed record RobustnessStudy
{
    private const double DefaultEpsilon = 4 / 255.0;

    /// <summary>Plans a study.</summary>
    /// <param name="threat">What the attacker may do.</param>
    /// <param name="attacks">The attacks, in order; see <see cref="Attacks"/>.</param>
    public RobustnessStudy(ThreatModel threat, IReadOnlyList<IAttack> attacks)
    {
        ArgumentNullException.ThrowIfNull(threat);
        ArgumentNullException.ThrowIfNull(attacks);
        Threat = threat;
        Attacks = attacks;
    }

    /// <summary>Plans a study from text.</summary>
    /// <param name="threat">What the attacker may do: "4/255", "linf:4/255" or "l2:0.5".</param>
    /// <param name="attacks">The attacks with their options, e.g. "fgsm pgd:steps=100,restarts=5"; by default what <c>cobra evaluate</c> takes, PGD and APGD on the score and on each of the detector's surrogates, since neither is always the stronger.</param>
    /// <exception cref="FormatException">The text cannot be read; the message says what is valid.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The radius or an option is outside its range.</exception>
    public RobustnessStudy(string threat, string attacks = "pgd:steps=50,restarts=1 apgd:steps=50,restarts=1,surrogates=true")
        : this(ThreatModel.Parse(threat), AttackRecipe.ParseMany(attacks))
    {
    }

    /// <summary>What the attacker may do; its radius is the largest of a curve.</summary>
    public ThreatModel Threat { get; init; }

    /// <summary>Smaller radii of a security curve, in any order; the threat model's own belongs to it too.</summary>
    /// <value>Empty (the default): the threat model's radius only.</value>
    public IReadOnlyList<double> Radii { get; init; } = [];

    /// <summary>The attacks, in order. None together with <see cref="Audit"/> leaves all attacking to the audit.</summary>
    public IReadOnlyList<IAttack> Attacks { get; init; }

    /// <summary>Another detector, on which the attacks that need gradients are made too and then offered to this one; not disposed.</summary>
    /// <value><see langword="null"/> (the default) for none.</value>
    public IAnomalyDetector? TransferSource { get; init; }

    /// <summary>How the attacks are evaluated: sample, seed, batch size, and <see cref="RobustnessOptions.StateFile"/> to survive interruptions.</summary>
    public RobustnessOptions Evaluation { get; init; } = new();

    /// <summary>Measures common corruptions too.</summary>
    /// <value><see langword="null"/> (the default) does not.</value>
    public CorruptionOptions? Corruptions { get; init; }

    /// <summary>
    /// Bounds the scores against every ℓ₂ attack too: by the detector's Lipschitz constant, or for a <see cref="SmoothedDetector"/> by noise. It keeps
    /// state of its own (<see cref="CertificationOptions.StateFile"/>).
    /// </summary>
    /// <value>
    /// <see langword="null"/> (the default) does so where it costs nothing: for a detector with a Lipschitz constant under ℓ₂, at the radii that are attacked.
    /// </value>
    public CertificationOptions? Certification { get; init; }

    /// <summary>Audits too, under the threat model's radius and on a sample of its own.</summary>
    /// <value><see langword="null"/> (the default) does not.</value>
    public AuditOptions? Audit { get; init; }

    /// <summary>Whether the audit's own attacks are all there is to evaluate.</summary>
    private bool IsAuditAlone => Attacks.Count == 0 && Audit is not null;

    /// <summary>All radii, ascending.</summary>
    private double[] Curve => [.. Radii.Append(Threat.Epsilon).Distinct().Order()];

    /// <summary>The radius under ℓ∞ that a detector was trained against; four grey levels when it was trained without attack, or elsewhere.</summary>
    /// <param name="detector">Any detector.</param>
    public static double TrainedRadius(IAnomalyDetector detector) =>
        ((detector as ITrainedDetector)?.Card.Options as CobraOptions)?.Attack?.Epsilon ?? DefaultEpsilon;

    /// <summary>The attacks that cannot run on a detector: they need gradients, and neither it nor a <see cref="TransferSource"/> has any.</summary>
    /// <param name="detector">The detector to attack.</param>
    public IReadOnlyList<IAttack> Refused(IAnomalyDetector detector)
    {
        ArgumentNullException.ThrowIfNull(detector);
        return detector.IsDifferentiable || TransferSource is not null ? [] : [.. Attacks.Where(attack => attack.NeedsGradient)];
    }

    /// <summary>The attacks as they would run on a detector. With a <see cref="TransferSource"/> those that need gradients run on it, and here where this detector has gradients.</summary>
    /// <param name="detector">The detector to attack.</param>
    public IReadOnlyList<IAttack> AttacksOn(IAnomalyDetector detector)
    {
        ArgumentNullException.ThrowIfNull(detector);
        IAttack[] direct = [.. Attacks.Where(attack => detector.IsDifferentiable || !attack.NeedsGradient)];
        IAttack[] steered = [.. Attacks.Where(attack => attack.NeedsGradient)];
        return TransferSource is null || steered.Length == 0 ? direct : [.. direct, new Transfer(TransferSource, steered)];
    }

    /// <summary>Whether there is a state file that a run on this detector would go on from.</summary>
    /// <param name="detector">The detector to attack.</param>
    /// <inheritdoc cref="Validate"/>
    public bool HasState(IAnomalyDetector detector) =>
        !IsAuditAlone && (CurveEvaluator(detector)?.HasState() ?? Evaluator(detector).HasState());

    /// <summary>Deletes the state file, where there is one: what <see cref="RobustnessOptions.KeepState"/> leaves to the caller.</summary>
    /// <param name="detector">The detector that was attacked.</param>
    /// <inheritdoc cref="Validate"/>
    public void DeleteState(IAnomalyDetector detector)
    {
        if (IsAuditAlone) return;
        if (CurveEvaluator(detector) is { } curve) curve.DeleteState();
        else Evaluator(detector).DeleteState();
    }

    /// <summary>Checks everything that can be checked before images are there; <see cref="Run"/> does so too.</summary>
    /// <param name="detector">The detector to attack.</param>
    /// <exception cref="ArgumentOutOfRangeException">A radius or an option is outside its range; an audit needs a radius above 0.</exception>
    /// <exception cref="ArgumentException">An attack needs gradients that the detector does not have.</exception>
    public void Validate(IAnomalyDetector detector)
    {
        if (Refused(detector) is { Count: > 0 } refused)
        {
            throw new ArgumentException(
                $"Detector '{detector.Name}' has no gradients, so {string.Join(", ", refused.Select(attack => attack.Name))} cannot attack it. Use attacks without gradients, square and simba, or make the attacks on another detector ({nameof(TransferSource)}).",
                nameof(detector));
        }

        ValidateRadii();
        _ = Evaluator(detector);
        _ = Corruption(detector);
        _ = Auditor(detector);
        _ = Certifier(detector);
    }

    /// <summary>Runs the study.</summary>
    /// <param name="detector">The detector, in evaluation mode.</param>
    /// <param name="data">The data set whose test images are attacked, at the size that the detector takes.</param>
    /// <param name="progress">Told after every batch.</param>
    /// <param name="cancellation">Stops between passes; with a state file the same study goes on later.</param>
    /// <returns>What was found; the caller disposes it.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="InvalidDataException">The state file is damaged or belongs to another study.</exception>
    /// <exception cref="InvalidOperationException">The detector returned NaN, an infinity, or not one score for each image.</exception>
    /// <exception cref="ArgumentException">The images are framed otherwise than those that the detector was trained on.</exception>
    /// <inheritdoc cref="Validate"/>
    public StudyResult Run(IAnomalyDetector detector, AnomalyBenchmark data, IProgress<StudyProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        Validate(detector);
        RequireFraming(detector, data);
        RobustnessResult? attacked = null;
        AuditResult? audited = null;
        try
        {
            (attacked, SecurityCurve? curve) = IsAuditAlone ? default : Evaluate(detector, data, Part<RobustnessProgress>(progress, part => new(Attack: part)), cancellation);
            CorruptionResult? corrupted = Corruption(detector)?.Run(data, Part<CorruptionProgress>(progress, part => new(Corruption: part)), cancellation);
            audited = Auditor(detector)?.Run(data, Part<AuditProgress>(progress, part => new(Audit: part)), cancellation);
            StudyResult result = Described(detector, data, attacked, audited, progress, cancellation) with { Curve = curve, Corruptions = corrupted };
            if (!Evaluation.KeepState) DeleteState(detector);
            return result;
        }
        catch
        {
            attacked?.Dispose();
            audited?.Dispose();
            throw;
        }
    }

    /// <summary>The study whose attacks have run, with what follows from them: the map's figures and the certificate.</summary>
    internal StudyResult Described(
        IAnomalyDetector detector, AnomalyBenchmark data, RobustnessResult? attacked, AuditResult? audited, IProgress<StudyProgress>? progress, CancellationToken cancellation) => new()
        {
            Data = data,
            Robustness = attacked ?? audited!.Evaluation,
            Localization = IsAuditAlone || !MapEvaluation.IsPossible(detector, data)
            ? null
            : MapEvaluation.Measure(detector, data, EvaluationSet.From(data).Sample(Evaluation), AttackedImages(attacked), cancellation),
            Certificate = Certifier(detector)?.Run(data, Part<CertificationProgress>(progress, part => new(Certification: part)), cancellation),
            Audit = audited,
            Warnings = StudyWarnings.Of(detector, data, attacked),
            Device = detector.Device,
            TrainingSeconds = (detector as ITrainedDetector)?.Card.TrainingSeconds,
            Cobra = (detector as ITrainedDetector)?.Card switch { TiledModelCard { Tile: CobraModelCard ofTile } => ofTile, CobraModelCard card => card, _ => null },
        };

    /// <summary>A model that knows a part of each picture says nothing about whole ones.</summary>
    internal static void RequireFraming(IAnomalyDetector detector, AnomalyBenchmark data)
    {
        if (detector is not ITrainedDetector { Card.Data: var trained } || trained.Framing == data.Test.Framing) return;
        throw new ArgumentException(
            $"The images of '{data.Name}' are framed otherwise (region, fit, depth or colours) than those that '{detector.Name}' was trained on. Open the data set with {nameof(DatasetOptions)}.{nameof(DatasetOptions.Framing)} = detector.Card.Data.{nameof(trained.SettledFraming)}.",
            nameof(data));
    }

    /// <summary>The images as the worst of all attacks left them; <see langword="null"/> where none ran, or none could move an image.</summary>
    private static torch.Tensor? AttackedImages(RobustnessResult? attacked) =>
        attacked is { Attacks.Count: > 0, Threat.Epsilon: > 0 } ? attacked.Ledger.Points : null;

    private void ValidateRadii()
    {
        if (Radii.Any(radius => radius > Threat.Epsilon))
            throw new ArgumentOutOfRangeException(nameof(Radii), string.Join(", ", Radii), $"Radii must not exceed the threat model's {Threat.Epsilon}.");
        foreach (double radius in Curve) (Threat with { Epsilon = radius }).Validate();
    }

    private (RobustnessResult, SecurityCurve?) Evaluate(IAnomalyDetector detector, AnomalyBenchmark data, IProgress<RobustnessProgress>? progress, CancellationToken cancellation)
    {
        if (CurveEvaluator(detector) is not { } evaluator) return (Evaluator(detector).Evaluate(data, progress, cancellation), null);
        IReadOnlyList<RobustnessResult> results = evaluator.Evaluate(data, progress, cancellation);
        try
        {
            SecurityCurve curve = SecurityCurve.From(results, detector, cancellation);
            foreach (RobustnessResult smaller in results.SkipLast(1)) smaller.Dispose();
            return (results[^1], curve);
        }
        catch
        {
            foreach (RobustnessResult result in results) result.Dispose();
            throw;
        }
    }

    /// <summary>The one evaluation of a study without a curve, as one of its pieces needs it.</summary>
    /// <param name="detector">The detector to attack.</param>
    /// <param name="stateFile">Where the piece is kept.</param>
    internal RobustnessEvaluator PieceEvaluator(IAnomalyDetector detector, string stateFile) =>
        new(detector, Threat, AttacksOn(detector), Evaluation with { StateFile = stateFile, KeepState = true });

    /// <summary>Why a study cannot be divided into pieces; <see langword="null"/> where it can.</summary>
    internal string? WhyWhole() =>
        Attacks.FirstOrDefault(attack => attack is not BatchAttack) is { } composite ? $"the attack {composite.Name} decides by what it found on all images"
        : TransferSource is not null ? "a transferred attack is chosen by what it found on all images"
        : Curve.Length > 1 ? "a curve of several radii goes on from one radius to the next; evaluate one radius at a time"
        : Corruptions is not null ? "corruptions are measured on all images"
        : Audit is not null ? "an audit looks at all images"
        : Evaluation.Order != AttackOrder.Independent ? "attacks that go on where others stopped depend on the ranks of all images"
        : null;

    /// <summary>What comes after the attacks may be interrupted too, so the state stays until everything is done.</summary>
    private RobustnessOptions Resumable => Evaluation with { KeepState = true };

    private RobustnessEvaluator Evaluator(IAnomalyDetector detector) => new(detector, Threat, AttacksOn(detector), Resumable);

    /// <summary><see langword="null"/> for one radius, which is no curve and has another state file.</summary>
    private SecurityCurveEvaluator? CurveEvaluator(IAnomalyDetector detector) =>
        Curve is { Length: > 1 } radii ? new(detector, Threat.Norm, radii, AttacksOn(detector), Resumable) : null;

    private CorruptionBenchmark? Corruption(IAnomalyDetector detector) => Corruptions is null ? null : new CorruptionBenchmark(detector, Corruptions);

    private Certifier? Certifier(IAnomalyDetector detector)
    {
        if (Certification is not null) return new Certifier(detector, Certification);
        double[] radii = [.. Curve.Where(radius => radius > 0)];
        if (IsAuditAlone || detector is not ILipschitzScore || Threat.Norm != Norm.L2 || radii.Length == 0) return null;
        return new Certifier(detector, new CertificationOptions { Radii = radii, SamplesPerClass = Evaluation.SamplesPerClass, Seed = Evaluation.Seed });
    }

    private RobustnessAudit? Auditor(IAnomalyDetector detector) => Audit is null ? null : new RobustnessAudit(detector, Threat, Audit);

    private static PartProgress<T>? Part<T>(IProgress<StudyProgress>? progress, Func<T, StudyProgress> of) => progress is null ? null : new PartProgress<T>(progress, of);

    /// <summary>Unlike <see cref="Progress{T}"/> it reports at once and on the same thread.</summary>
    private sealed class PartProgress<T>(IProgress<StudyProgress> progress, Func<T, StudyProgress> of) : IProgress<T>
    {
        public void Report(T value) => progress.Report(of(value));
    }
}
