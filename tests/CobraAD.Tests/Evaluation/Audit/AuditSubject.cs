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
    public static AnalyticDetector Randomised(double scale = 1, double offset = 0)
    {
        Generator rng = new(11, CPU);
        return new AnalyticDetector(images => (Honest(images) + randn([images.size(0)], ScalarType.Float64, generator: rng) * 0.3) * scale + offset);
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

    /// <summary>The distance to grey, in which one pixel's rise weighs as much as another's fall: any long step ends beside its minimum.</summary>
    public static AnalyticDetector Steep() => new(images => (images - 0.5).abs().mean([1L, 2, 3]) * 1000);

    /// <summary>Grey images with hardly any difference, and some with a little more.</summary>
    public static Tensor NearlyGreyImages()
    {
        using IDisposable scope = NewDisposeScope();
        Tensor images = (Images() - 0.5) * 0.01;
        return (cat([images.narrow(0, 0, EachClass) * 0.5, images.narrow(0, EachClass, EachClass)]) + 0.5).MoveToOuterDisposeScope();
    }

    /// <summary>Divided by a deviation of its own that the gradient does not see, a common slip; honest with the deviation in the graph.</summary>
    public static AnalyticDetector Standardised(bool detached) => new(images =>
    {
        Tensor deviation = images.std([1L, 2L, 3L], keepdim: true);
        return Honest(images / (detached ? deviation.detach() : deviation));
    });

    /// <summary>A root that has no slope where pixels are black, honest with a floor under it.</summary>
    public static AnalyticDetector Rooted(double floor) => new(images => Honest(images) + (images + floor).sqrt().sum([1, 2, 3]) * 0.1);

    /// <summary>Pixels near black and white go through a ramp that is dead there; honest with a ramp that never ends.</summary>
    public static AnalyticDetector Ramped(bool dead) => new(images => Honest(dead ? (images - 0.01).clamp(0, 0.98) : images - 0.01));

    /// <summary>The same images with a border of black.</summary>
    public static Tensor BorderedImages()
    {
        using IDisposable scope = NewDisposeScope();
        Tensor images = Images();
        images.narrow(3, 0, 2).zero_();
        return images.MoveToOuterDisposeScope();
    }

    /// <summary>Next to level below the middle of the untouched scores.</summary>
    public static AnalyticDetector Leaky(double slope)
    {
        double level = Honest(Images()).median().item<double>();
        return new(images =>
        {
            Tensor above = Honest(images) - level;
            return where(above.gt(0), above, above * slope);
        });
    }

    /// <summary>Right in everything but its digits.</summary>
    public static AnalyticDetector InHalfPrecision() => new(images => Honest(images).to(ScalarType.Float16).to(ScalarType.Float32));

    /// <summary>Normalised by the batch, and scaled or shifted so that absolute tolerances do not see it.</summary>
    public static AnalyticDetector CoupledAt(double scale, double offset, double share) => new(images => (Honest(images) - Honest(images).mean() * share) * scale + offset);

    /// <summary>Answers for an image near one seen before what it answered then, with the honest gradient.</summary>
    public static AnalyticDetector Remembering()
    {
        Dictionary<string, double> seen = [];
        return new AnalyticDetector(images =>
        {
            Tensor honest = Honest(images);
            using Tensor cells = (images.detach() * 10).round().to(ScalarType.Int8).flatten(1).contiguous();
            double[] answers = [.. Enumerable.Range(0, (int)images.size(0)).Select(i => Answer(Convert.ToHexString(cells[i].bytes), honest[i].item<double>()))];
            return honest - honest.detach() + tensor(answers);
        });

        double Answer(string cell, double score) => seen.TryGetValue(cell, out double known) ? known : seen[cell] = score;
    }

    /// <summary>Has a gradient near these images only, though its score goes on.</summary>
    public static AnalyticDetector FlatFarFrom(Tensor known) => new(images =>
    {
        using Tensor farthest = (images.detach().to(known.dtype).unsqueeze(1) - known.unsqueeze(0)).abs().amax([2L, 3, 4]).amin([1L]);
        Tensor honest = Honest(images);
        return where(farthest.gt(0.03), honest.detach(), honest);
    });

    /// <summary>A fine ripple over the way to a weakness that stays where it is; honest with none.</summary>
    public static AnalyticDetector Rippled(double height) => new(images => Honest(images) + height * (images * 400).sin().sum([1, 2, 3]));

    /// <summary>Takes float64 and computes in float32, as an exported network does.</summary>
    public static AnalyticDetector InSingle() => new(images => Honest(images.to(ScalarType.Float32).to(ScalarType.Float64)));

    /// <summary>Dark normal images and bright anomalous ones, 0.8 apart.</summary>
    public static Tensor BlackAndWhiteImages()
    {
        using IDisposable scope = NewDisposeScope();
        Tensor images = AttackTrial.Images(2 * EachClass, Side, 0.08, 0.12);
        return cat([images.narrow(0, 0, EachClass), images.narrow(0, EachClass, EachClass) + 0.8]).MoveToOuterDisposeScope();
    }

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
