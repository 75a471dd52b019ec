using CobraAD.Attacks;
using CobraAD.Detection;
using CobraAD.Evaluation.Audit;
using CobraAD.Tests.Attacks;
using static TorchSharp.torch;

namespace CobraAD.Tests.Evaluation.Audit;

/// <summary>Detectors to audit: w·x through a soft hinge, honest or with one fault each. Anomalies are shifted along w.</summary>
internal static class AuditSubject
{
    public const int EachClass = 12;

    private const int Side = 4;
    private const double Shift = 0.1;

    public static readonly bool[] Labels = [.. Enumerable.Range(0, 2 * EachClass).Select(i => i >= EachClass)];

    public static Tensor Images()
    {
        using IDisposable scope = NewDisposeScope();
        Tensor images = AttackTrial.Images(2 * EachClass, Side, 0.3, 0.7);
        Tensor shift = AttackTrial.Weights(Side).sign() * Shift;
        return cat([images.narrow(0, 0, EachClass), images.narrow(0, EachClass, EachClass) + shift]).MoveToOuterDisposeScope();
    }

    public static Tensor Training() => AttackTrial.Images(EachClass, Side, 0.3, 0.7, seed: 9);

    /// <summary>log(1 + exp w·x).</summary>
    public static Tensor Honest(Tensor images, long seed = 5) => nn.functional.softplus((images * AttackTrial.Weights(Side, seed).to(images.dtype)).sum([1, 2, 3]));

    /// <summary>Its Lipschitz constant in ℓ∞: the hinge has slope at most 1.</summary>
    public static double LipschitzConstant() => AttackTrial.Weights(Side).abs().sum().item<double>();

    public static AnalyticDetector HonestDetector() => new(images => Honest(images))
    {
        Surrogates = [new ScoreSurrogate("w·x", images => (images * AttackTrial.Weights(Side).to(images.dtype)).sum([1, 2, 3]))],
    };

    /// <summary>A staircase: right scores, no gradient.</summary>
    public static AnalyticDetector Quantised() => new(images => (Honest(images) * 20).round() / 20);

    /// <summary>Another score at every call.</summary>
    public static AnalyticDetector Randomised()
    {
        Generator rng = new(11, CPU);
        return new AnalyticDetector(images => Honest(images) + randn([images.size(0)], ScalarType.Float64, generator: rng) * 0.3);
    }

    /// <summary>Normalised by the batch.</summary>
    public static AnalyticDetector Coupled(double share) => new(images => Honest(images) - Honest(images).mean() * share);

    /// <summary>Nothing connects the score with the image.</summary>
    public static AnalyticDetector Detached() => new(images => Honest(images.detach()));

    /// <summary>w·x, and as much again along other weights that the gradient does not show.</summary>
    public static AnalyticDetector HalfBlind() => new(images => Linear(images, 5) + 2 * Linear(images, 6).detach());

    /// <summary>Normal images high, anomalous ones low.</summary>
    public static AnalyticDetector UpsideDown() => new(images => -Honest(images));

    /// <summary>A ridge that sign steps cross from side to side: shorter steps end nearer to its top.</summary>
    public static AnalyticDetector Ridge() => new(images => Linear(images, 5) - 2 * Linear(images - 0.5, 6).abs());

    /// <summary>|w·x - w·½|: sign steps end beside its minimum.</summary>
    public static AnalyticDetector Distance() => new(images => Linear(images - 0.5, 5).abs());

    /// <summary>The images with normal ones that lie closer together.</summary>
    public static Tensor TightImages(double spread)
    {
        using IDisposable scope = NewDisposeScope();
        Tensor images = Images();
        return cat([(images.narrow(0, 0, EachClass) - 0.5) * spread + 0.5, images.narrow(0, EachClass, EachClass)]).MoveToOuterDisposeScope();
    }

    /// <summary>Zero below a level that most images do not reach.</summary>
    public static AnalyticDetector Clamped() => new(images => (Linear(images, 5) - Linear(Images(), 5).quantile(tensor(0.8, ScalarType.Float64))).relu());

    public static AuditResult Audit(
        IAnomalyDetector detector, Norm norm = Norm.Linf, AuditOptions? options = null, double? epsilon = null, Tensor? images = null, CancellationToken cancellation = default)
    {
        using IDisposable scope = NewDisposeScope();
        ThreatModel threat = new(norm, epsilon ?? (norm == Norm.Linf ? 8 / 255.0 : 0.3));
        return new RobustnessAudit(detector, threat, options ?? new AuditOptions { Budget = Budget.Smoke }).Run(images ?? Images(), Labels, Training(), cancellation: cancellation);
    }

    private static Tensor Linear(Tensor images, long seed) => (images * AttackTrial.Weights(Side, seed).to(images.dtype)).sum([1, 2, 3]);

    public static int[] Numbers(this AuditResult result, AuditStatus status) => [.. result.Checks.Where(check => check.Status == status).Select(check => check.Number)];
}
