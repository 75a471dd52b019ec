using CobraAD.Attacks;
using CobraAD.Evaluation;
using CobraAD.Tests.Attacks;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Evaluation;

public sealed class SecurityCurveTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Theory]
    [InlineData(Norm.Linf)]
    [InlineData(Norm.L2)]
    public void The_curve_never_rises_even_when_a_larger_radius_gets_a_weaker_attack(Norm norm)
    {
        using AnalyticDetector detector = Wavy();
        SecurityCurveEvaluator evaluator = new(detector, norm, [0.3, 0, 0.01, 0.02, 0.05, 0.1], [new Fgsm()], new() { BootstrapReplicates = 100 });

        SecurityCurve curve = evaluator.Measure(AttackTrial.Images(40), AttackTrial.Alternating(40));

        Assert.Equal([0, 0.01, 0.02, 0.05, 0.1, 0.3], curve.Points.Select(point => point.Radius));
        Assert.All(curve.Points.Zip(curve.Points.Skip(1)), pair =>
        {
            Assert.True(pair.Second.Worst.Metrics.Auroc <= pair.First.Worst.Metrics.Auroc);
            Assert.All(Enumerable.Range(0, 40), i => Assert.True(Harm(pair.Second, i) >= Harm(pair.First, i)));
        });
        Assert.True(curve.Points[^1].Worst.Metrics.Auroc < curve.Points[0].Worst.Metrics.Auroc);

        double Harm(SecurityCurvePoint point, int i) => curve.IsAnomalous[i] ? -point.Worst.Scores[i] : point.Worst.Scores[i];
    }

    [Fact]
    public void Each_image_flips_at_the_radius_that_its_distance_to_the_threshold_says()
    {
        const double threshold = 0.5;
        using AnalyticDetector detector = new(images => images.mean([1, 2, 3])) { Threshold = threshold };
        Tensor images = ones([6, 3, 4, 4], ScalarType.Float64) * tensor([0.45, 0.40, 0.55, 0.52, 0.70, 0.40]).reshape(6, 1, 1, 1);
        bool[] labels = [false, false, false, true, true, true];
        SecurityCurveEvaluator evaluator = new(detector, Norm.Linf, [0, 0.04, 0.08, 0.12], [new Fgsm()], new() { BootstrapReplicates = 100 });

        SecurityCurve curve = evaluator.Measure(images, labels);

        Assert.Equal(0.05, curve.FlipRadii![0]!.Value, 1e-4);
        Assert.Equal(0.10, curve.FlipRadii[1]!.Value, 1e-4);
        Assert.Equal(0, curve.FlipRadii[2]);
        Assert.Equal(0.02, curve.FlipRadii[3]!.Value, 1e-4);
        Assert.Null(curve.FlipRadii[4]);
        Assert.Equal(0, curve.FlipRadii[5]);
        FlipDistribution falseAlarms = curve.Flips(anomalous: false)!, escapes = curve.Flips(anomalous: true)!;
        Assert.Equal((2, 2), (falseAlarms.Correct, falseAlarms.Flipped));
        Assert.Equal(0.05, falseAlarms.Median!.Value, 1e-4);
        Assert.Equal((2, 1), (escapes.Correct, escapes.Flipped));
        Assert.Null(escapes.UpperQuartile);
    }

    [Fact]
    public void Without_a_threshold_nothing_flips()
    {
        using AnalyticDetector detector = Wavy();

        SecurityCurve curve = new SecurityCurveEvaluator(detector, Norm.Linf, [0.05], [new Fgsm()], new() { BootstrapReplicates = 100 })
            .Measure(AttackTrial.Images(8), AttackTrial.Alternating(8));

        Assert.Null(curve.FlipRadii);
        Assert.Null(curve.Flips(anomalous: true));
    }

    [Fact]
    public void Radii_that_no_attack_may_have_are_refused()
    {
        using AnalyticDetector detector = Wavy();

        Assert.Throws<ArgumentOutOfRangeException>(() => new SecurityCurveEvaluator(detector, Norm.Linf, [0.1, 1.5], [new Fgsm()]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SecurityCurveEvaluator(detector, Norm.L2, [-1], [new Fgsm()]));
        Assert.Throws<ArgumentException>(() => new SecurityCurveEvaluator(detector, Norm.L2, [], [new Fgsm()]));
    }

    // Its gradient turns within a small radius, so that a longer single step is often the worse one.
    private static AnalyticDetector Wavy()
    {
        Tensor weights = AttackTrial.Weights();
        return new AnalyticDetector(images => ((images * weights).sum([1, 2, 3]) * 6).sin() + (images * weights).sum([1, 2, 3]) * 0.2);
    }
}
