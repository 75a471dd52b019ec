using CobraAD.Attacks;
using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Evaluation;
using CobraAD.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Detection.Baselines;

/// <summary>What holds for every baseline: it learns, it is saved, and its score has a true gradient.</summary>
public sealed class BaselineContractTests(TrainedBaselines trained) : IClassFixture<TrainedBaselines>
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
    public void A_score_does_not_depend_on_the_rest_of_the_batch(string method)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        ITrainedDetector detector = trained[method];
        Tensor images = trained.Test.Batch(0, 24);

        Tensor together = detector.Score(images);
        Tensor alone = cat([.. Enumerable.Range(0, 24).Select(i => detector.Score(images.narrow(0, i, 1)))]);

        TensorAssert.Close(alone / together.abs().mean(), together / together.abs().mean(), 1e-5);
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void The_gradient_is_the_slope_of_the_score(string method)
    {
        using DisposeScope scope = NewDisposeScope();
        ITrainedDetector detector = trained[method];
        using Generator rng = new(3, CPU);
        // Flat areas tie in a maximum, where a score has no slope; a little noise moves the images off such points.
        Tensor images = trained.Test.Batch([0, 1, 12, 13]).mul(0.8).add(0.05) + 0.1 * rand([4, 3, 32, 32], generator: rng);
        Tensor point = images.clone().requires_grad_();
        autograd.backward([detector.Score(point).sum()], inputs: [point]);
        Tensor gradient = point.grad!.detach();

        // Along smooth directions, of which half have a part along the gradient itself.
        List<Tensor> directions = [];
        for (int i = 0; i < 12; i++)
        {
            Tensor coarse = randn([4, 3, 8, 8], generator: rng);
            Tensor direction = nn.functional.interpolate(coarse, [32, 32], mode: InterpolationMode.Bilinear, align_corners: false);
            directions.Add(direction / direction.flatten(1).norm(1).view(-1, 1, 1, 1) + (i % 2) * gradient / gradient.flatten(1).norm(1).view(-1, 1, 1, 1));
        }

        Tensor slopes = stack([.. directions.Select(direction => (gradient * direction).to(ScalarType.Float64).sum([1, 2, 3]))], 1);
        double[] errors = stack([.. ((double[])[2e-3, 5e-4, 1e-4]).SelectMany(Differences).Select(side => (side - slopes).norm(1) / slopes.norm(1))]).amin([0]).data<double>().ToArray();
        Assert.All(errors, error => Assert.True(error < 0.05, $"relative error {error}"));

        // Where two patches or two neighbours change places a maximum has two slopes, and autograd gives that of one side.
        IEnumerable<Tensor> Differences(double step)
        {
            using IDisposable frozen = no_grad();
            Tensor here = detector.Score(images);
            Tensor ahead = stack([.. directions.Select(direction => (detector.Score(images + step * direction) - here) / step)], 1);
            Tensor behind = stack([.. directions.Select(direction => (here - detector.Score(images - step * direction)) / step)], 1);
            return [(ahead + behind) / 2, ahead, behind];
        }
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void An_unbounded_attack_breaks_it(string method)
    {
        ITrainedDetector detector = trained[method];
        RobustnessEvaluator evaluator = new(
            detector, new ThreatModel(Norm.Linf, 1), [new Pgd { Steps = 40, Factor = 2 }], new RobustnessOptions { BootstrapReplicates = 100 });

        using RobustnessResult result = evaluator.Evaluate(trained.Test.Batch(0, 24), trained.IsAnomalous);

        Assert.True(result.Union.Metrics.Auroc <= 0.01, $"AUROC {result.Union.Metrics.Auroc}");
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
    public void The_same_seed_gives_the_same_detector_and_a_small_set_is_calibrated_on_itself(string method)
    {
        using ImageSet few = trained.Train.Subset([.. Enumerable.Range(0, 24)]);
        DetectorOptions options = TrainedBaselines.TinyOptions(method) with { Seed = 5 };

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
            DetectionMethods.Get(method).Train(TrainedBaselines.TinyOptions(method), trained.Train, new TrainingSession { Cancellation = source.Token }));
    }
}
