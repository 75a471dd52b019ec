using CobraAD.Attacks;
using CobraAD.Attacks.Gradient;
using CobraAD.Datasets;
using CobraAD.Evaluation.Robustness;
using CobraAD.Tests.Attacks;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Evaluation.Robustness;

public sealed class SecurityCurveTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void Each_image_flips_at_the_radius_that_its_distance_to_the_threshold_says()
    {
        const double threshold = 0.5;
        using AnalyticDetector detector = Brightness(threshold);
        Tensor images = ones([6, 3, 4, 4], ScalarType.Float64) * tensor([0.45, 0.40, 0.55, 0.52, 0.70, 0.40]).reshape(6, 1, 1, 1);
        bool[] labels = [false, false, false, true, true, true];

        SecurityCurve curve = Measure(detector, images, labels, 0.12, 0, 0.04, 0.08);

        Assert.Equal([0, 0.04, 0.08, 0.12], curve.Points.Select(point => point.Radius));

        Assert.Equal(0.05, curve.FlipRadii![0]!.Value, 0.0025);
        Assert.Equal(0.10, curve.FlipRadii[1]!.Value, 0.0025);
        Assert.Equal(0, curve.FlipRadii[2]);
        Assert.Equal(0.02, curve.FlipRadii[3]!.Value, 0.0025);
        Assert.Null(curve.FlipRadii[4]);
        Assert.Equal(0, curve.FlipRadii[5]);
        FlipDistribution falseAlarms = curve.Flips(anomalous: false)!, escapes = curve.Flips(anomalous: true)!;
        Assert.Equal((2, 2), (falseAlarms.Correct, falseAlarms.Flipped));
        Assert.Equal(0.05, falseAlarms.Median!.Value, 0.0025);
        Assert.Equal((2, 1), (escapes.Correct, escapes.Flipped));
        Assert.Null(escapes.UpperQuartile);
    }

    [Fact]
    public void Without_a_threshold_nothing_flips()
    {
        using AnalyticDetector detector = Brightness();

        SecurityCurve curve = Measure(detector, AttackTrial.Images(8), AttackTrial.Alternating(8), 0.05);

        Assert.Null(curve.FlipRadii);
        Assert.Null(curve.Flips(anomalous: true));
    }

    [Fact]
    public void A_curve_needs_a_radius()
    {
        using AnalyticDetector detector = Brightness();

        Assert.Throws<ArgumentException>(() => SecurityCurve.From([], detector));
    }

    private static SecurityCurve Measure(AnalyticDetector detector, Tensor images, bool[] labels, params double[] radii)
    {
        using ImageSet set = new("images", (images * 255).round().to(ScalarType.Byte), [.. labels.Select((_, i) => $"{i}.png")]);
        IReadOnlyList<RobustnessResult> results = new SecurityCurveEvaluator(detector, Norm.Linf, radii, [new Fgsm()], new() { BootstrapReplicates = 100 })
            .Evaluate(new EvaluationSet(set, labels));
        SecurityCurve curve = SecurityCurve.From(results, detector);
        foreach (RobustnessResult result in results) result.Dispose();
        return curve;
    }

    private static AnalyticDetector Brightness(double? threshold = null) => new(images => images.mean([1, 2, 3])) { Threshold = threshold };
}
