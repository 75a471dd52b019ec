using System.Globalization;
using System.Text.RegularExpressions;
using CobraAD.Attacks;
using CobraAD.Attacks.Gradient;
using CobraAD.Evaluation.Audit;
using CobraAD.Evaluation.Robustness;
using CobraAD.Tests.Attacks;
using Xunit.Abstractions;
using static TorchSharp.torch;

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
        AuditOptions options = new() { Budget = Budget.Smoke, Twin = twin, LipschitzConstant = AuditSubject.LipschitzConstant() };

        using AuditResult result = AuditSubject.Audit(detector, norm, options);

        Show(result);
        Assert.Equal([.. Enumerable.Range(1, 16)], result.Numbers(AuditStatus.Pass));
        Assert.True(result.WorstAuroc < result.CleanAuroc);
        Assert.Equal((AuditSubject.EachClass, AuditSubject.EachClass), (result.Normals, result.Anomalies));
    }

    [Fact]
    public void A_quantised_score_is_caught_by_its_gradients()
    {
        using AnalyticDetector detector = AuditSubject.Quantised();

        using AuditResult result = AuditSubject.Audit(detector);

        Show(result);
        Assert.Superset(new HashSet<int> { 10, 11 }, result.Numbers(AuditStatus.Flag).ToHashSet());
        Assert.Contains("24 of 24", result.Checks[10].Measured, StringComparison.Ordinal);
    }

    [Fact]
    public void A_randomised_score_is_caught_by_asking_twice()
    {
        using AnalyticDetector detector = AuditSubject.Randomised();

        using AuditResult result = AuditSubject.Audit(detector);

        Show(result);
        Assert.Superset(new HashSet<int> { 1, 14, 15 }, result.Numbers(AuditStatus.Flag).ToHashSet());
    }

    [Theory]
    [InlineData(1e-8, 0)]
    [InlineData(1, 1e6)]
    public void Recorded_points_are_confirmed_on_the_scale_of_the_score(double scale, double offset)
    {
        using AnalyticDetector random = AuditSubject.Randomised(scale, offset), honest = AuditSubject.CoupledAt(scale, offset, 0);

        using AuditResult caught = AuditSubject.Audit(random), passed = AuditSubject.Audit(honest);

        Show(caught);
        Assert.Equal(AuditStatus.Flag, caught.Checks[14].Status);
        Assert.Equal(AuditStatus.Pass, passed.Checks[14].Status);
    }

    [Fact]
    public void Surrogates_are_held_against_as_many_runs_on_the_plain_score()
    {
        using AnalyticDetector detector = AuditSubject.HonestDetector();

        using AuditResult result = AuditSubject.Audit(detector);

        Apgd[] attacks = [.. result.Evaluation.Attacks.Where(attack => attack.Recipe.StartsWith("apgd", StringComparison.Ordinal)).Select(attack => (Apgd)AttackRecipe.Parse(attack.Recipe))];
        // One surrogate: one run on it and one on the score, and two on the score.
        Assert.Single(detector.Surrogates);
        Assert.Contains(attacks, attack => attack is { Surrogates: true, Restarts: 0 });
        Assert.Contains(attacks, attack => attack is { Surrogates: false, Restarts: 1 });
        Assert.Contains(attacks, attack => attack is { Surrogates: false, Restarts: 2 });
    }

    [Fact]
    public void A_detector_made_for_a_large_radius_may_be_level_up_to_it()
    {
        using AnalyticDetector detector = new(images => images.mean([1, 2, 3]));
        using Tensor images = AuditSubject.BlackAndWhiteImages();

        using AuditResult result = AuditSubject.Audit(detector, epsilon: 0.3, images: images);

        Show(result);
        Assert.Equal(1, result.WorstAuroc);
        Assert.Contains("→ 100", result.Checks[3].Measured, StringComparison.Ordinal);
        Assert.Equal(AuditStatus.Pass, result.Checks[1].Status);
        Assert.Equal(AuditStatus.Pass, result.Checks[3].Status);
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(1e-5)]
    public void A_score_that_couples_the_images_of_a_batch_is_caught(double share)
    {
        using AnalyticDetector detector = AuditSubject.Coupled(share);

        using AuditResult result = AuditSubject.Audit(detector);

        Show(result);
        Assert.Contains(14, result.Numbers(AuditStatus.Flag));
    }

    [Fact]
    public void A_detached_score_is_caught_and_what_needs_a_gradient_is_skipped()
    {
        using AnalyticDetector detector = AuditSubject.Detached();

        using AuditResult result = AuditSubject.Audit(detector);

        Assert.Equal([11], result.Numbers(AuditStatus.Flag));
        Assert.Equal([2, 5, 6, 7, 8, 9, 10, 12, 13, 16], result.Numbers(AuditStatus.Skipped));
        Assert.All(result.Checks.Where(check => check.Status == AuditStatus.Skipped), check => Assert.Empty(check.Measured));
    }

    [Fact]
    public void A_wrong_certificate_is_caught()
    {
        using AnalyticDetector detector = AuditSubject.HonestDetector();

        using AuditResult result = AuditSubject.Audit(detector, options: new AuditOptions { Budget = Budget.Smoke, LipschitzConstant = 0 });

        Assert.Equal([16], result.Numbers(AuditStatus.Flag));
    }

    [Fact]
    public void A_score_that_breaks_down_under_attack_is_flagged_with_its_reason()
    {
        using AnalyticDetector detector = new(images => AuditSubject.Honest(images) + (0.95 - images).amin([1, 2, 3]).log());

        using AuditResult result = AuditSubject.Audit(detector);

        Assert.Equal(AuditStatus.Flag, result.Checks[1].Status);
        Assert.Contains("NaN or an infinite score", result.Checks[1].Meaning, StringComparison.Ordinal);
    }

    [Fact]
    public void A_score_too_steep_for_long_steps_is_not_accused()
    {
        using AnalyticDetector detector = AuditSubject.Steep();

        using AuditResult result = AuditSubject.Audit(detector, images: AuditSubject.NearlyGreyImages());

        Show(result);
        Assert.Equal(AuditStatus.Pass, result.Checks[1].Status);
    }

    [Fact]
    public void A_score_that_only_rises_is_accused_of_it()
    {
        // Whatever is not one of the untouched images scores higher than all of them.
        Tensor known = AuditSubject.Images();
        using AnalyticDetector detector = new(images =>
            AuditSubject.Honest(images) + 5 * (images.detach().unsqueeze(1) - known).abs().amax([2, 3, 4]).amin([1]).gt(1e-4).to(images.dtype));

        using AuditResult result = AuditSubject.Audit(detector);

        Show(result);
        Assert.Equal(AuditStatus.Flag, result.Checks[1].Status);
        Assert.Contains("does not bring anomalies down", result.Checks[1].Meaning, StringComparison.Ordinal);
    }

    [Fact]
    public void A_score_that_is_nan_before_any_attack_is_an_error()
    {
        using AnalyticDetector detector = new(images => AuditSubject.Honest(images) * double.NaN);

        InvalidOperationException error = Assert.Throws<InvalidOperationException>(() => AuditSubject.Audit(detector));

        Assert.Contains("before any attack", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(8 / 255.0, AuditStatus.Flag)]
    [InlineData(0.3, AuditStatus.Pass)]
    public void Queries_that_go_further_count_only_where_something_is_left_to_gain(double epsilon, AuditStatus expected)
    {
        using AnalyticDetector detector = AuditSubject.HalfBlind();

        using AuditResult result = AuditSubject.Audit(detector, epsilon: epsilon);

        Show(result);
        Assert.Equal(expected, result.Checks[5].Status);
        Assert.Equal(epsilon > 0.1, result.Checks[5].Measured.Contains("0 of 24 images left to gain", StringComparison.Ordinal));
        Assert.Equal(AuditStatus.Flag, result.Checks[9].Status);
    }

    [Fact]
    public void An_attack_that_has_won_everywhere_has_converged_however_far_it_could_still_go()
    {
        using AnalyticDetector detector = AuditSubject.Ridge();

        using AuditResult result = AuditSubject.Audit(detector, epsilon: 0.3);

        Show(result);
        Assert.Equal(0, result.WorstAuroc);
        // Counted, this would be far from converged.
        Assert.InRange(Gain(result, "steps=10", "steps=20") / Spread(result), 0.05, double.MaxValue);
        Assert.Equal(AuditStatus.Pass, result.Checks[7].Status);
    }

    [Fact]
    public void A_detector_that_is_wrong_about_every_image_has_nowhere_to_fall()
    {
        using AnalyticDetector detector = AuditSubject.UpsideDown();

        using AuditResult result = AuditSubject.Audit(detector);

        Show(result);
        Assert.Equal(0, result.CleanAuroc);
        Assert.Empty(result.Numbers(AuditStatus.Flag));
    }

    [Theory]
    [InlineData(0.25)]
    [InlineData(0.13)]
    public void Attacked_anomalies_must_pass_for_normal_but_need_not_beat_most_normal_images(double spread)
    {
        using AnalyticDetector detector = AuditSubject.Distance();
        using Tensor images = AuditSubject.TightImages(spread);

        using AuditResult result = AuditSubject.Audit(detector, images: images);

        Show(result);
        Match found = Regex.Match(result.Checks[1].Measured, "anomaly ([0-9.]+) untouched and ([0-9.]+) attacked");
        double untouched = double.Parse(found.Groups[1].Value, CultureInfo.InvariantCulture), attacked = double.Parse(found.Groups[2].Value, CultureInfo.InvariantCulture);
        double[] normals = [.. result.Evaluation.Clean.Scores.Take(AuditSubject.EachClass).Order()];
        Assert.InRange(attacked, normals[normals.Length / 2], normals[^1] + 0.01 * untouched);
        Assert.Equal(AuditStatus.Pass, result.Checks[1].Status);
    }

    [Fact]
    public void Flat_places_of_a_score_are_told_from_wrong_gradients()
    {
        using AnalyticDetector detector = AuditSubject.Clamped();

        using AuditResult result = AuditSubject.Audit(detector);

        Show(result);
        Assert.Equal(AuditStatus.Flag, result.Checks[10].Status);
        Assert.Equal(AuditStatus.Pass, result.Checks[9].Status);
        Assert.Contains("flat", result.Checks[9].Measured, StringComparison.Ordinal);
        Assert.DoesNotMatch("[0-9]{6}|∞|NaN", result.Checks[7].Measured);
    }

    /// <summary>A way of hiding, the honest detector built the same way, the check that names the fault, and whether the images have black pixels.</summary>
    public static TheoryData<string, int> Hiding => new()
    {
        { "detached deviation", 10 }, { "root at black", 11 }, { "dead ramp", 11 }, { "leaky clip", 11 }, { "half precision", 10 },
        { "coupled, scaled by 1e-8", 14 }, { "coupled, shifted by 1e6", 14 }, { "remembers near images", 14 },
        { "steep ripples", 13 }, { "flat where attacks begin", 11 },
    };

    [Theory]
    [MemberData(nameof(Hiding))]
    public void A_detector_that_hides_is_caught_by_the_check_that_names_how(string way, int check)
    {
        (AnalyticDetector hiding, AnalyticDetector honest, bool bordered) = Pair(way);
        using (hiding)
        using (honest)
        using (Tensor images = bordered ? AuditSubject.BorderedImages() : AuditSubject.Images())
        {
            using AuditResult caught = AuditSubject.Audit(hiding, images: images), passed = AuditSubject.Audit(honest, images: images);

            Show(caught);
            Show(passed);
            Assert.Equal(AuditStatus.Flag, caught.Checks[check - 1].Status);
            Assert.Equal(AuditStatus.Pass, passed.Checks[check - 1].Status);
        }
    }

    [Theory]
    [InlineData(0.001)]
    [InlineData(0.002)]
    [InlineData(0.004)]
    public void No_verdict_flips_between_pass_and_flag_with_the_seed(double height)
    {
        using AnalyticDetector detector = AuditSubject.Rippled(height);
        AuditResult[] results = [.. Enumerable.Range(0, 4).Select(seed => AuditSubject.Audit(detector, options: new AuditOptions { Budget = Budget.Smoke, Seed = seed }))];

        foreach (int number in Enumerable.Range(1, 16))
        {
            AuditStatus[] said = [.. results.Select(result => result.Checks[number - 1].Status)];
            Assert.False(said.Contains(AuditStatus.Pass) && said.Contains(AuditStatus.Flag), $"check {number}: {string.Join(", ", results.Select(result => $"{result.Checks[number - 1].Status}, {result.Checks[number - 1].Measured}"))}");
        }

        foreach (AuditResult result in results) result.Dispose();
    }

    [Fact]
    public void A_score_that_computes_in_float32_whatever_it_is_given_has_a_right_gradient()
    {
        using AnalyticDetector detector = AuditSubject.InSingle();

        using AuditResult result = AuditSubject.Audit(detector);

        Show(result);
        Assert.Equal(AuditStatus.Pass, result.Checks[9].Status);
        Assert.Equal(AuditStatus.Pass, result.Checks[13].Status);
    }

    private static (AnalyticDetector Hiding, AnalyticDetector Honest, bool Bordered) Pair(string way) => way switch
    {
        "detached deviation" => (AuditSubject.Standardised(detached: true), AuditSubject.Standardised(detached: false), false),
        "root at black" => (AuditSubject.Rooted(0), AuditSubject.Rooted(0.01), true),
        "dead ramp" => (AuditSubject.Ramped(dead: true), AuditSubject.Ramped(dead: false), true),
        "leaky clip" => (AuditSubject.Leaky(1e-6), AuditSubject.Leaky(0.1), false),
        "half precision" => (AuditSubject.InHalfPrecision(), AuditSubject.InSingle(), false),
        "coupled, scaled by 1e-8" => (AuditSubject.CoupledAt(1e-8, 0, 0.5), AuditSubject.CoupledAt(1e-8, 0, 0), false),
        "coupled, shifted by 1e6" => (AuditSubject.CoupledAt(1, 1e6, 0.5), AuditSubject.CoupledAt(1, 1e6, 0), false),
        "remembers near images" => (AuditSubject.Remembering(), AuditSubject.HonestDetector(), false),
        "flat where attacks begin" => (AuditSubject.FlatFarFrom(AuditSubject.Images()), AuditSubject.HonestDetector(), false),
        "steep ripples" => (AuditSubject.Rippled(0.01), AuditSubject.Rippled(0), false),
        _ => throw new ArgumentOutOfRangeException(nameof(way), way, "No such way of hiding."),
    };

    [Fact]
    public void Every_attack_of_the_checks_is_handed_on_as_an_evaluation()
    {
        using AnalyticDetector detector = AuditSubject.HonestDetector();

        using AuditResult result = AuditSubject.Audit(detector);

        RobustnessResult evaluation = result.Evaluation;
        Assert.Equal(result.WorstAuroc, evaluation.Union.Metrics.Auroc);
        Assert.Equal(result.CleanAuroc, evaluation.Clean.Metrics.Auroc);
        Assert.Superset(new HashSet<string> { "fgsm", "pgd", "apgd", "square", "simba", "uniform-draws" }, evaluation.Attacks.Select(attack => attack.Name).ToHashSet());
        Assert.All(evaluation.Attacks, attack => Assert.True(attack.Worst.Metrics.Auroc >= evaluation.Union.Metrics.Auroc && attack.ForwardPasses > 0 && attack.Duration > TimeSpan.Zero));
        Assert.Equal(evaluation.Attacks.Sum(attack => attack.BackwardPasses), evaluation.Ledger.BackwardPasses);
        Assert.Equal([.. Enumerable.Range(0, 24)], evaluation.Sample);
        Assert.True(evaluation.IsConfirmed);
    }

    [Fact]
    public void The_same_seed_gives_the_same_audit()
    {
        using AnalyticDetector detector = AuditSubject.HonestDetector();

        using AuditResult first = AuditSubject.Audit(detector), second = AuditSubject.Audit(detector);

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

    /// <summary>Interquartile range of the untouched images' scores.</summary>
    private static double Spread(AuditResult result)
    {
        double[] sorted = [.. result.Evaluation.Clean.Scores.Order()];
        return sorted[17] - sorted[5];
    }

    /// <summary>How much further one attack of the audit went than another, as a mean over the normal images.</summary>
    private static double Gain(AuditResult result, string shorter, string longer)
    {
        return Mean(longer) - Mean(shorter);

        double Mean(string option) => result.Evaluation.Attacks
            .First(attack => attack.Recipe.StartsWith($"pgd:{option},restarts=1", StringComparison.Ordinal) && attack.Recipe.EndsWith("include-fgsm=true", StringComparison.Ordinal))
            .Worst.Scores.Take(AuditSubject.EachClass).Average();
    }

    private void Show(AuditResult result)
    {
        foreach (AuditCheck check in result.Checks) output.WriteLine($"{check.Number,2} {check.Status,-7} {check.Name}: {check.Measured} {check.Meaning}");
    }
}
