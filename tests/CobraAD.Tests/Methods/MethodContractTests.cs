using CobraAD.Attacks;
using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Evaluation.Audit;
using CobraAD.Evaluation.Audit.Checks;
using CobraAD.Evaluation.Metrics;
using CobraAD.Methods;
using CobraAD.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Methods;

/// <summary>What holds for every method: it learns, it is saved, and its score has a true gradient.</summary>
public sealed class MethodContractTests(TrainedMethods trained) : IClassFixture<TrainedMethods>
{
    /// <summary>Every method but COBRA, which has tests of its own.</summary>
    public static TheoryData<string> Methods => [.. DetectionMethods.All.Select(method => method.Name).Where(name => name != "cobra")];

    [Theory]
    [MemberData(nameof(Methods))]
    public void It_tells_garments_from_trousers(string method)
    {
        double[] scores = trained[method].ScoreAll(trained.Test);

        Assert.True(DetectionMetrics.Compute(scores, trained.IsAnomalous).Auroc > 0.7, $"AUROC {DetectionMetrics.Compute(scores, trained.IsAnomalous).Auroc}");
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void A_saved_detector_gives_the_same_scores_to_the_bit(string method)
    {
        string path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.cobra");
        try
        {
            ITrainedDetector detector = trained[method];
            detector.Save(path);

            using ITrainedDetector loaded = DetectionMethods.Load(path);

            Assert.Equal(detector.ScoreAll(trained.Test), loaded.ScoreAll(trained.Test));
            Assert.Equal(detector.Threshold, loaded.Threshold);
            Assert.Equal(detector.Card.Calibration.Scores, loaded.Card.Calibration.Scores);
            Assert.Equal(detector.Name, loaded.Name);
            Assert.Equal(method, DetectionMethods.LoadCard(path).Method);
            Assert.Equal(trained.Train.Count, DetectionMethods.LoadCard(path).Data.Images);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void It_passes_the_audit_s_checks_of_its_score(string method)
    {
        using Tensor images = trained.Test.Batch(0, 24);
        using AuditContext audit = new(
            trained[method], new ThreatModel(Norm.Linf, 4 / 255.0), new AuditOptions { Budget = Budget.Smoke }, images, trained.IsAnomalous, training: null, _ => { }, CancellationToken.None);

        Assert.All<IAuditCheck>([new UnboundedAttack(), new GradientCorrectness(), new Independence()], check =>
        {
            AuditFinding finding = check.Run(audit);
            Assert.True(finding.Status == AuditStatus.Pass, $"check {check.Number}, {check.Name}: {finding.Measured}. {finding.Meaning}");
        });
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void Outputs_and_surrogates_are_finite_and_have_gradients(string method)
    {
        using DisposeScope scope = NewDisposeScope();
        ITrainedDetector detector = trained[method];

        Tensor images = trained.Test.Batch(10, 4).requires_grad_();
        Tensor? outputs = detector.Outputs(images);
        Assert.NotNull(outputs);
        Assert.Equal(2, outputs.dim());
        foreach (Tensor value in (Tensor[])[outputs.sum(), .. detector.Surrogates.Select(surrogate => surrogate.Score(images).sum())])
        {
            Tensor point = images;
            point.grad = null;
            autograd.backward([value], inputs: [point]);
            double length = point.grad!.norm().item<float>();

            Assert.True(double.IsFinite(length) && length > 0);
        }
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void A_surrogate_and_the_score_from_one_pass_are_those_of_two(string method)
    {
        using DisposeScope scope = NewDisposeScope();
        ITrainedDetector detector = trained[method];
        Tensor images = trained.Test.Batch(10, 4);

        foreach (ScoreSurrogate surrogate in detector.Surrogates.Where(surrogate => surrogate.Together is not null))
        {
            (Tensor exact, Tensor standIn) = surrogate.Together!(images);
            TensorAssert.Close(detector.Score(images), exact, 1e-6);
            TensorAssert.Close(surrogate.Score(images), standIn, 1e-6);
        }
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void The_same_seed_gives_the_same_detector_and_a_small_set_is_calibrated_on_itself(string method)
    {
        using ImageSet few = trained.Train.Subset([.. Enumerable.Range(0, 24)]);
        DetectorOptions options = TrainedMethods.TinyOptions(method) with { Seed = 5 };

        using ITrainedDetector first = DetectionMethods.Train(options, few);
        using ITrainedDetector second = DetectionMethods.Train(options, few);

        Assert.Equal(first.ScoreAll(few), second.ScoreAll(few));
        Assert.False(first.Card.Calibration.HeldOut);
        Assert.InRange(first.Threshold!.Value, double.MinValue, double.MaxValue);
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void A_cancelled_training_stops(string method)
    {
        using CancellationTokenSource source = new();
        source.Cancel();

        Assert.ThrowsAny<OperationCanceledException>(() =>
            DetectionMethods.Get(method).Train(TrainedMethods.TinyOptions(method), trained.Train, new TrainingSession { Cancellation = source.Token }));
    }

    [Fact]
    public void A_training_that_fails_at_its_end_leaves_no_tensor_behind()
    {
        DetectorOptions options = TrainedMethods.TinyOptions("deepsvdd");
        using ImageSet few = trained.Train.Subset([.. Enumerable.Range(0, 16)]);
        DetectionMethods.Train(options, few).Dispose();
        long before = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;

        Assert.Throws<InvalidOperationException>(() => DetectionMethods.Train(options, few, new TrainingSession { Progress = new BrokenCalibration() }));

        Assert.Equal(before, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
    }

    private sealed class BrokenCalibration : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (value.Phase == TrainingPhase.Calibration) throw new InvalidOperationException("power cut");
        }
    }
}
