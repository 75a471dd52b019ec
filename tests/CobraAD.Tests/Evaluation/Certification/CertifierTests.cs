using CobraAD.Attacks;
using CobraAD.Attacks.Gradient;
using CobraAD.Detection;
using CobraAD.Evaluation.Certification;
using CobraAD.Evaluation.Robustness;
using CobraAD.Reporting;
using CobraAD.Tests.Attacks;
using CobraAD.Tests.Evaluation.Audit;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Evaluation.Certification;

/// <summary>On w·x, whose smoothed score is known: its median is w·x (the images keep away from 0 and 1), and ε moves it by ‖w‖ ε at most.</summary>
public sealed class CertifierTests : IDisposable
{
    private const double Sigma = 0.06;

    private static readonly double[] Radii = [0.01, 0.02, 0.04, 0.06, 0.09];

    private readonly DisposeScope scope = NewDisposeScope();
    private readonly AnalyticDetector linear = new(images => Linear(images));
    private readonly EvaluationSet images = new(AuditSubject.Images(), AuditSubject.Labels);

    public void Dispose()
    {
        linear.Dispose();
        scope.Dispose();
    }

    private static CertificationOptions Options => new() { Radii = Radii, Sigma = Sigma, Samples = 1500, Seed = 3 };

    private static double Slope => AttackTrial.Weights(4).norm().item<double>();

    [Fact]
    public void The_bounds_hold_for_the_worst_perturbation_and_are_not_far_from_it()
    {
        Certificate certificate = new Certifier(linear, Options).Run(images);
        double[] exact = FiniteScore.ToDoubles(Linear(AuditSubject.Images()));

        foreach (CertifiedPoint point in certificate.Points)
        {
            double reach = Slope * point.Radius;
            Assert.All(exact.Zip(point.Lower, point.Upper), image =>
            {
                Assert.InRange(image.Second, image.First - 2 * reach - Slope * Sigma, image.First - reach);
                Assert.InRange(image.Third, image.First + reach, image.First + 2 * reach + Slope * Sigma);
            });
        }

        Assert.Equal(certificate.Points.OrderByDescending(point => point.Auroc), certificate.Points);
    }

    [Fact]
    public void No_attack_on_the_smoothed_score_gets_past_the_certificate_at_any_of_five_radii()
    {
        AnalyticDetector curved = new(batch => AuditSubject.Honest(batch));
        Certificate certificate = new Certifier(curved, Options).Run(images);
        SmoothedDetector smoothed = new(curved, Sigma, draws: 33, seed: 5);
        IReadOnlyList<RobustnessResult> attacked = new SecurityCurveEvaluator(smoothed, Norm.L2, Radii, [new Pgd { Steps = 10, Restarts = 1 }], new() { BootstrapReplicates = 100 }).Evaluate(images);

        foreach ((RobustnessResult result, CertifiedPoint point) in attacked.Zip(certificate.Points))
        {
            // The attack knew its own draws; fresh noise says what its images do to the median that is certified.
            int[] all = [.. Enumerable.Range(0, AuditSubject.Labels.Length)];
            Certificate fresh = new Certifier(curved, Options with { Seed = 17 }).Run(new EvaluationSet(result.Ledger.WorstImages(all), AuditSubject.Labels));
            Assert.True(fresh.Auroc >= point.Auroc, $"radius {point.Radius}: attacked {fresh.Auroc}, certified {point.Auroc}");
            Assert.All(all, i => Assert.InRange(fresh.Scores[i], point.Lower[i], point.Upper[i]));
            Assert.True(result.Union.Metrics.Auroc >= point.Auroc);
            result.Dispose();
        }
    }

    [Fact]
    public void A_detector_with_a_constant_is_bounded_by_it_without_any_sample()
    {
        using LipschitzDetector detector = new(Slope);
        double[] exact = FiniteScore.ToDoubles(Linear(AuditSubject.Images()));

        Certificate certificate = new Certifier(detector, Options).Run(images);

        Assert.Equal(CertificateKind.Lipschitz, certificate.Kind);
        Assert.Equal(1, certificate.Confidence);
        Assert.Null(certificate.Samples);
        Assert.Equal(exact, certificate.Scores);
        Assert.Equal(exact.Select(score => score + Slope * 0.04), certificate.Points[2].Upper);
        Assert.Equal(TimeSpan.Zero, new Certifier(detector, Options).Estimate(images).Time);
    }

    [Fact]
    public void On_a_plane_the_certificate_and_the_attack_meet()
    {
        using LipschitzDetector detector = new(Slope);
        IReadOnlyList<RobustnessResult> results = new SecurityCurveEvaluator(detector, Norm.L2, Radii, [new Fgsm()], new() { BootstrapReplicates = 100 }).Evaluate(images);
        SecurityCurve curve = SecurityCurve.From(results, detector);
        Certificate certificate = new Certifier(detector, Options).Run(images);

        // FGSM finds the worst perturbation of a plane, and the slope is its constant: both bounds meet.
        Assert.All(curve.Points.Zip(certificate.Points), pair => Assert.Equal(pair.Second.Auroc, pair.First.Worst.Metrics.Auroc, 1e-9));
        foreach (RobustnessResult result in results) result.Dispose();
    }

    [Fact]
    public void An_interrupted_certification_goes_on_and_comes_to_the_same()
    {
        using TemporaryFolder folder = new();
        CertificationOptions options = Options with { StateFile = folder.File("state"), Samples = 200, Radii = [0.02], SaveEvery = TimeSpan.Zero };
        using CancellationTokenSource source = new();
        int done = 0;

        Assert.ThrowsAny<OperationCanceledException>(() => new Certifier(linear, options).Run(images, new Stop(source, at: 7), source.Token));
        Assert.True(File.Exists(options.StateFile));
        Assert.Equal(200 * (AuditSubject.Labels.Length - 7), new Certifier(linear, options).Estimate(images).Passes);
        Certificate resumed = new Certifier(linear, options).Run(images, new Count(() => done++));

        Certificate whole = new Certifier(linear, options with { StateFile = null }).Run(images);
        Assert.Equal(AuditSubject.Labels.Length - 7, done);
        Assert.Equal(whole.Points[0].Lower, resumed.Points[0].Lower);
        Assert.Equal(whole.Points[0].Upper, resumed.Points[0].Upper);
        Assert.False(File.Exists(options.StateFile));
    }

    [Fact]
    public void The_state_of_another_certification_and_a_damaged_one_are_refused()
    {
        using TemporaryFolder folder = new();
        CertificationOptions options = Options with { StateFile = folder.File("state"), Samples = 200, Radii = [0.02], SaveEvery = TimeSpan.Zero };
        using CancellationTokenSource source = new();
        Assert.ThrowsAny<OperationCanceledException>(() => new Certifier(linear, options).Run(images, new Stop(source, at: 2), source.Token));

        Assert.Contains("another certification", Assert.Throws<InvalidDataException>(() => new Certifier(linear, options with { Sigma = 0.1 }).Run(images)).Message, StringComparison.Ordinal);
        byte[] content = File.ReadAllBytes(options.StateFile!);
        content[content.Length / 2] ^= 1;
        File.WriteAllBytes(options.StateFile!, content);
        Assert.Contains("damaged", Assert.Throws<InvalidDataException>(() => new Certifier(linear, options).Run(images)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("radius", "each above 0")]
    [InlineData("sigma", "above 0")]
    [InlineData("confidence", "below 1")]
    public void Options_that_certify_nothing_are_refused(string what, string reason)
    {
        CertificationOptions options = what switch { "radius" => Options with { Radii = [0] }, "sigma" => Options with { Sigma = 0 }, _ => Options with { Confidence = 1 } };

        Assert.Contains(reason, Assert.ThrowsAny<ArgumentException>(() => new Certifier(linear, options)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Too_few_samples_for_the_confidence_are_answered_with_how_many_it_takes()
    {
        CertificationOptions options = Options with { Samples = 16, Radii = [0.06] };
        ArgumentException error = Assert.Throws<ArgumentException>(() => new Certifier(linear, options).Run(images));
        int needed = int.Parse(error.Message.Split("images: ")[1].Split(" are needed")[0].Replace(",", "", StringComparison.Ordinal), System.Globalization.CultureInfo.InvariantCulture);

        Assert.NotEmpty(new Certifier(linear, options with { Samples = needed }).Run(images).Points);
        Assert.Throws<ArgumentException>(() => new Certifier(linear, options with { Samples = needed - 1 }).Run(images));
        Assert.Contains("no number is enough", Assert.Throws<ArgumentException>(() => new Certifier(linear, options with { Radii = [10] }).Run(images)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_smoothed_score_is_the_median_and_its_gradient_that_of_the_draw_in_the_middle()
    {
        SmoothedDetector smoothed = new(linear, Sigma, draws: 9, seed: 2);
        Tensor points = AuditSubject.Images().narrow(0, 0, 3).to(ScalarType.Float64).requires_grad_();
        NoiseBank bank = new(2, "smoothed score");
        Tensor noise = bank.Draw(0, 9, points.size(2), points.size(3)).to(ScalarType.Float64);

        autograd.backward([smoothed.Score(points).sum()], inputs: [points]);

        for (int i = 0; i < 3; i++)
        {
            double median = FiniteScore.ToDoubles(Linear(points.detach().narrow(0, i, 1) + Sigma * noise)).Order().ElementAt(4);
            Assert.Equal(median, smoothed.Score(points.detach())[i].item<double>(), 1e-9);
        }

        TensorAssert.Close(AttackTrial.Weights(4).expand_as(points), points.grad!, 1e-9);
    }

    [Fact]
    public void A_report_holds_the_certificate_beside_the_attacks()
    {
        using LipschitzDetector detector = new(Slope);
        ReportCertificate shown = ReportCertificate.From(new Certifier(detector, Options).Run(images));
        ReportDetector measured = Reporting.SampleReport.Create().Detectors[0] with
        {
            Certificate = shown,
            SecurityCurve = [new ReportSecurityPoint(0.04, new ReportMetric(shown.Points[2].Auroc - 0.01, 0, 1))],
        };

        Assert.Equal("lipschitz", shown.Kind);
        Assert.False(ReportInvariant.CheckCertificate(measured)[0].Holds);
        Assert.True(ReportInvariant.CheckCertificate(measured with { SecurityCurve = [new ReportSecurityPoint(0.04, new ReportMetric(1, 1, 1))] })[0].Holds);
    }

    private static Tensor Linear(Tensor batch) => (batch * AttackTrial.Weights(4).to(batch.dtype)).sum([1, 2, 3]).to(ScalarType.Float64);

    private sealed class LipschitzDetector(double constant) : ILipschitzScore
    {
        public string Name => "plane";

        public Device Device => CPU;

        public double LipschitzConstant => constant;

        public Tensor Score(Tensor images) => Linear(images);

        public void Dispose()
        {
        }
    }

    private sealed class Stop(CancellationTokenSource source, int at) : IProgress<CertificationProgress>
    {
        public void Report(CertificationProgress value)
        {
            if (value.Done == at) source.Cancel();
        }
    }

    private sealed class Count(Action action) : IProgress<CertificationProgress>
    {
        public void Report(CertificationProgress value) => action();
    }
}
