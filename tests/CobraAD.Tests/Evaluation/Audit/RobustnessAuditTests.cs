using CobraAD.Attacks;
using CobraAD.Evaluation.Audit;
using CobraAD.Tests.Attacks;
using Xunit.Abstractions;

namespace CobraAD.Tests.Evaluation.Audit;

public sealed class RobustnessAuditTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(Norm.Linf)]
    [InlineData(Norm.L2)]
    public void An_honest_detector_passes_every_check(Norm norm)
    {
        using AnalyticDetector detector = AuditSubject.HonestDetector(), twin = new(images => AuditSubject.Honest(images, seed: 6));
        // |w·δ| ≤ ‖w‖₁‖δ‖∞ ≤ ‖w‖₁‖δ‖₂: the constant serves both norms.
        AuditOptions options = new() { Budget = AttackBudget.Smoke, Twin = twin, LipschitzConstant = AuditSubject.LipschitzConstant() };

        AuditResult result = AuditSubject.Audit(detector, norm, options);

        Show(result);
        Assert.Equal([.. Enumerable.Range(1, 16)], result.Numbers(AuditStatus.Pass));
        Assert.True(result.WorstAuroc < result.CleanAuroc);
        Assert.Equal((AuditSubject.EachClass, AuditSubject.EachClass), (result.Normals, result.Anomalies));
    }

    [Fact]
    public void A_quantised_score_is_caught_by_its_gradients()
    {
        using AnalyticDetector detector = AuditSubject.Quantised();

        AuditResult result = AuditSubject.Audit(detector);

        Show(result);
        Assert.Superset(new HashSet<int> { 10, 11 }, result.Numbers(AuditStatus.Flag).ToHashSet());
        Assert.Contains("24 of 24", result.Checks[10].Measured, StringComparison.Ordinal);
    }

    [Fact]
    public void A_randomised_score_is_caught_by_asking_twice()
    {
        using AnalyticDetector detector = AuditSubject.Randomised();

        AuditResult result = AuditSubject.Audit(detector);

        Show(result);
        Assert.Superset(new HashSet<int> { 1, 14, 15 }, result.Numbers(AuditStatus.Flag).ToHashSet());
    }

    [Fact]
    public void A_score_that_couples_the_images_of_a_batch_is_caught()
    {
        using AnalyticDetector detector = AuditSubject.Coupled();

        AuditResult result = AuditSubject.Audit(detector);

        Show(result);
        Assert.Contains(14, result.Numbers(AuditStatus.Flag));
    }

    [Fact]
    public void A_detached_score_is_caught_and_what_needs_a_gradient_is_skipped()
    {
        using AnalyticDetector detector = AuditSubject.Detached();

        AuditResult result = AuditSubject.Audit(detector);

        Assert.Equal([11], result.Numbers(AuditStatus.Flag));
        Assert.Equal([2, 5, 6, 7, 8, 9, 10, 12, 13, 16], result.Numbers(AuditStatus.Skipped));
        Assert.All(result.Checks.Where(check => check.Status == AuditStatus.Skipped), check => Assert.Empty(check.Measured));
    }

    [Fact]
    public void A_wrong_certificate_is_caught()
    {
        using AnalyticDetector detector = AuditSubject.HonestDetector();

        AuditResult result = AuditSubject.Audit(detector, options: new AuditOptions { Budget = AttackBudget.Smoke, LipschitzConstant = 0 });

        Assert.Equal([16], result.Numbers(AuditStatus.Flag));
    }

    [Fact]
    public void A_score_that_breaks_down_under_attack_is_flagged_with_its_reason()
    {
        using AnalyticDetector detector = new(images => AuditSubject.Honest(images) + (0.95 - images).amin([1, 2, 3]).log());

        AuditResult result = AuditSubject.Audit(detector);

        Assert.Equal(AuditStatus.Flag, result.Checks[1].Status);
        Assert.Contains("NaN or an infinite score", result.Checks[1].Meaning, StringComparison.Ordinal);
    }

    [Fact]
    public void A_score_that_is_nan_before_any_attack_is_an_error()
    {
        using AnalyticDetector detector = new(images => AuditSubject.Honest(images) * double.NaN);

        InvalidOperationException error = Assert.Throws<InvalidOperationException>(() => AuditSubject.Audit(detector));

        Assert.Contains("before any attack", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_seed_gives_the_same_audit()
    {
        using AnalyticDetector detector = AuditSubject.HonestDetector();

        AuditResult first = AuditSubject.Audit(detector), second = AuditSubject.Audit(detector);

        Assert.Equal(first.Checks, second.Checks);
    }

    [Fact]
    public void A_cancelled_audit_stops()
    {
        using AnalyticDetector detector = AuditSubject.HonestDetector();
        using CancellationTokenSource source = new();
        source.Cancel();

        Assert.ThrowsAny<OperationCanceledException>(() => AuditSubject.Audit(detector, cancellation: source.Token));
    }

    [Fact]
    public void A_radius_of_zero_and_wrong_options_are_refused()
    {
        using AnalyticDetector detector = AuditSubject.HonestDetector();

        Assert.Throws<ArgumentOutOfRangeException>(() => new RobustnessAudit(detector, new ThreatModel(Norm.Linf, 0)));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RobustnessAudit(detector, new ThreatModel(Norm.Linf, -0.1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RobustnessAudit(detector, new ThreatModel(Norm.Linf, 0.1), new() { SamplesPerClass = 1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RobustnessAudit(detector, new ThreatModel(Norm.Linf, 0.1), new() { LipschitzConstant = double.NaN }));
    }

    private void Show(AuditResult result)
    {
        foreach (AuditOutcome check in result.Checks) output.WriteLine($"{check.Number,2} {check.Status,-7} {check.Name}: {check.Measured} {check.Meaning}");
    }
}
