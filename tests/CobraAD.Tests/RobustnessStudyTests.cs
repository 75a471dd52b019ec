using CobraAD.Attacks;
using CobraAD.Attacks.Gradient;
using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Evaluation.Certification;
using CobraAD.Evaluation.Corruptions;
using CobraAD.Evaluation.Robustness;
using CobraAD.Reporting;
using CobraAD.Tests.Attacks;
using CobraAD.Tests.Compatibility;
using static TorchSharp.torch;

namespace CobraAD.Tests;

/// <summary>The order of a study on drawn parts, with a detector whose score is the mean of the red pixels.</summary>
public sealed class RobustnessStudyTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly AnomalyBenchmark data = Detector.Open(OldFiles.Path("parts"));
    private readonly AnalyticDetector detector = new(images => images.select(1, 0).mean([1L, 2L])) { Threshold = 0.5 };

    private string State => Path.Combine(folder.Path, "state");

    public void Dispose()
    {
        data.Dispose();
        detector.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void A_study_finds_what_the_evaluator_finds()
    {
        using StudyResult result = new RobustnessStudy("2/255", "fgsm pgd:steps=3").Run(detector, data);

        using RobustnessResult alone = new RobustnessEvaluator(detector, ThreatModel.Parse("2/255"), AttackRecipe.ParseMany("fgsm pgd:steps=3")).Evaluate(data);
        Assert.Equal(alone.Union.Scores, result.Robustness.Union.Scores);
        Assert.Equal(alone.Clean.Metrics.Auroc, result.CleanAuroc);
        Assert.Equal(alone.Union.Metrics.Auroc, result.RobustAuroc);
        Assert.Null(result.Curve);
        Assert.Null(result.Corruptions);
        Assert.Null(result.Audit);
    }

    [Fact]
    public void A_detector_with_a_constant_is_certified_under_l2_without_being_asked()
    {
        using MeanRed certified = new();
        RobustnessStudy study = new("l2:0.5", "fgsm") { Radii = [0, 0.25] };

        using StudyResult result = study.Run(certified, data);
        using StudyResult other = new RobustnessStudy("2/255", "fgsm").Run(certified, data);
        RobustnessReport report = result.Report("Parts");

        Assert.Equal([0.25, 0.5], result.Certificate!.Points.Select(point => point.Radius));
        Assert.All(result.Certificate.Points.Zip(result.Curve!.Points.Skip(1)), pair => Assert.True(pair.First.Auroc <= pair.Second.Worst.Metrics.Auroc));
        Assert.Null(other.Certificate);
        Assert.Single(report.Invariants, invariant => invariant.Name.Contains("no attack gets below the certified AUROC", StringComparison.Ordinal) && invariant.Holds);
        Assert.Equal(2, RobustnessReport.FromJson(report.ToJson()).Detectors[0].Certificate!.Points.Count);
    }

    [Fact]
    public void Any_detector_is_certified_when_its_smoothed_form_is_studied()
    {
        RobustnessStudy study = new("l2:0.1", "fgsm") { Certification = new CertificationOptions { Radii = [0.1], Samples = 200, SamplesPerClass = 3 } };
        List<StudyProgress> told = [];

        using StudyResult result = study.Run(new SmoothedDetector(detector, sigma: 0.25, draws: 3), data, new Listener(told.Add));

        Assert.Equal(CertificateKind.MedianSmoothing, result.Certificate!.Kind);
        Assert.Equal(0.25, result.Certificate.Sigma);
        Assert.Contains(told, step => step.ToString() == "certificate: 6 of 6 images");
    }

    [Fact]
    public void All_parts_come_into_one_report()
    {
        RobustnessStudy study = new("2/255", "fgsm")
        {
            Radii = [0, 1 / 255.0],
            Corruptions = new CorruptionOptions { Severities = [1] },
            Audit = new() { Budget = Budget.Smoke, SamplesPerClass = 4 },
        };
        List<StudyProgress> told = [];

        using StudyResult result = study.Run(detector, data, new Listener(told.Add));
        RobustnessReport report = result.Report("Parts");
        string page = report.Write(folder.Path);

        ReportDetector measured = Assert.Single(report.Detectors);
        Assert.Equal([0, 1 / 255.0, 2 / 255.0], measured.SecurityCurve.Select(point => point.Epsilon));
        Assert.Equal(15, result.Corruptions!.Outcomes.Count);
        Assert.NotEmpty(measured.Corruptions);
        Assert.Equal(16, measured.Audit.Count);
        Assert.True(File.Exists(page));
        Assert.Contains(told, progress => progress.ToString().StartsWith("fgsm: ", StringComparison.Ordinal));
        Assert.Contains(told, progress => progress.ToString() == "corruptions: 15 of 15");
        Assert.Contains(told, progress => progress.ToString().StartsWith("audit: check 16 of 16", StringComparison.Ordinal));
    }

    [Fact]
    public void Without_attacks_the_audit_s_own_are_the_evaluation()
    {
        RobustnessStudy study = new("2/255") { Attacks = [], Audit = new() { Budget = Budget.Smoke, SamplesPerClass = 4 } };

        using StudyResult result = study.Run(detector, data);

        Assert.Same(result.Audit!.Evaluation, result.Robustness);
        Assert.Equal(result.Audit.WorstAuroc, result.RobustAuroc, 1e-12);
        Assert.False(study.HasState(detector));
    }

    [Fact]
    public void What_cannot_run_is_refused_before_anything_is_scored()
    {
        RobustnessStudy study = new("2/255", "pgd square:queries=5");
        using BlackBox blackBox = new();

        ArgumentException refused = Assert.Throws<ArgumentException>(() => study.Run(blackBox, data));

        Assert.Contains("'black box' has no gradients, so pgd cannot attack it", refused.Message, StringComparison.Ordinal);
        Assert.Equal(["pgd"], study.Refused(blackBox).Select(attack => attack.Name));
        Assert.Empty(study.Refused(detector));
        Assert.Equal(0, blackBox.Scored);
    }

    [Fact]
    public void Gradient_attacks_on_a_detector_without_gradients_are_made_on_another()
    {
        using BlackBox blackBox = new();
        RobustnessStudy study = new("2/255", "fgsm square:queries=5") { TransferSource = detector };

        using StudyResult result = study.Run(blackBox, data);

        Assert.Equal(["square", "transfer"], result.Robustness.Attacks.Select(attack => attack.Name));
        Assert.Equal(["fgsm", "square", "transfer"], study.AttacksOn(detector).Select(attack => attack.Name));
    }

    [Fact]
    public void Text_that_cannot_be_read_says_what_can()
    {
        Assert.Contains("magic", Assert.Throws<FormatException>(() => new RobustnessStudy("4/255", "magic")).Message, StringComparison.Ordinal);
        Assert.Throws<FormatException>(() => new RobustnessStudy("four"));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RobustnessStudy("300/255"));
    }

    [Fact]
    public void Radii_lie_between_0_and_the_threat_model_s_and_an_audit_needs_one_above_0()
    {
        RobustnessStudy study = new("2/255", "fgsm");

        Assert.Throws<ArgumentOutOfRangeException>(() => (study with { Radii = [3 / 255.0] }).Validate(detector));
        Assert.Throws<ArgumentOutOfRangeException>(() => (study with { Radii = [-1] }).Validate(detector));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RobustnessStudy("0", "fgsm") { Audit = new() }.Run(detector, data));
        new RobustnessStudy("0", "fgsm").Validate(detector);
        Assert.Equal(0, detector.ImagesScored);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_cancelled_study_keeps_its_state_and_goes_on_to_the_same_result(bool isCurve)
    {
        RobustnessStudy study = new("2/255", "fgsm pgd:steps=3") { Radii = isCurve ? [1 / 255.0] : [], Evaluation = new() { StateFile = State, BatchSize = 2 } };
        using StudyResult whole = study.Run(detector, data);
        Assert.False(study.HasState(detector));
        using CancellationTokenSource stop = new();

        Assert.ThrowsAny<OperationCanceledException>(() => study.Run(detector, data, new Listener(progress => Cancel(progress, stop)), stop.Token));
        Assert.True(study.HasState(detector));
        using StudyResult resumed = study.Run(detector, data);

        Assert.Equal(whole.Robustness.Union.Scores, resumed.Robustness.Union.Scores);
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void The_state_outlives_a_part_that_comes_after_the_attacks()
    {
        RobustnessStudy study = new("2/255", "fgsm") { Evaluation = new() { StateFile = State }, Corruptions = new() { Severities = [1] } };
        using CancellationTokenSource stop = new();

        Assert.ThrowsAny<OperationCanceledException>(() => study.Run(detector, data, new Listener(progress => Cancel(progress, stop, progress.Corruption is not null)), stop.Token));

        Assert.True(study.HasState(detector));
        study.DeleteState(detector);
        Assert.False(File.Exists(State));
    }

    [Fact]
    public void The_state_stays_where_the_caller_goes_on_after_the_study()
    {
        RobustnessStudy study = new("2/255", "fgsm") { Evaluation = new() { StateFile = State, KeepState = true } };

        study.Run(detector, data).Dispose();

        Assert.True(study.HasState(detector));
    }

    [Fact]
    public void The_state_of_another_study_is_refused()
    {
        RobustnessStudy study = new("2/255", "fgsm") { Evaluation = new() { StateFile = State, KeepState = true } };
        study.Run(detector, data).Dispose();

        Assert.Throws<InvalidDataException>(() => (study with { Attacks = [new Pgd { Steps = 2 }] }).Run(detector, data));
        Assert.Throws<InvalidDataException>(() => (study with { Threat = ThreatModel.Parse("1/255") }).Run(detector, data));
    }

    [Fact]
    public void The_radius_of_training_is_the_default()
    {
        using ITrainedDetector cobra = Detector.Load(OldFiles.Path("cobra-tiny.cobra"));

        Assert.Equal(4 / 255.0, RobustnessStudy.TrainedRadius(cobra));
        Assert.Equal(4 / 255.0, RobustnessStudy.TrainedRadius(detector));
    }

    private static void Cancel(StudyProgress progress, CancellationTokenSource stop, bool isDue = true)
    {
        if (isDue && progress != default) stop.Cancel();
    }

    /// <summary>The mean of n red pixels changes by at most ‖δ‖₂/√n.</summary>
    private sealed class MeanRed : ILipschitzScore
    {
        public string Name => "mean red";

        public Device Device => CPU;

        public double LipschitzConstant => 1 / 16.0;

        public Tensor Score(Tensor images) => images.select(1, 0).mean([1L, 2L]);

        public void Dispose()
        {
        }
    }

    private sealed class Listener(Action<StudyProgress> hear) : IProgress<StudyProgress>
    {
        public void Report(StudyProgress value) => hear(value);
    }

    /// <summary>The same score without gradients.</summary>
    private sealed class BlackBox : IAnomalyDetector
    {
        public string Name => "black box";

        public Device Device => CPU;

        public bool IsDifferentiable => false;

        public long Scored { get; private set; }

        public Tensor Score(Tensor images)
        {
            Scored += images.size(0);
            using IDisposable noGradient = no_grad();
            return images.select(1, 0).mean([1L, 2L]);
        }

        public void Dispose()
        {
        }
    }
}
