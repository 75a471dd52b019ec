using CobraAD.Datasets;
using CobraAD.Detection.Cobra;
using CobraAD.Losses;
using CobraAD.PseudoAnomalies;
using CobraAD.Tests.Serialization;
using CobraAD.Torch;
using CobraAD.Training;
using SkiaSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Training;

public sealed class AnomalySourceTrainingTests
{
    private static CobraOptions Options => SmallTraining.Options with { Epochs = 1 };

    [Theory]
    [InlineData("rotation", "rotation by quarter turns (CSI)")]
    [InlineData("cutpaste", "CutPaste patches")]
    [InlineData("cutpaste-scar", "CutPaste scars")]
    [InlineData("cutpaste-3way", "CutPaste patches and scars")]
    public void A_training_uses_the_source_that_its_options_name(string name, string recorded)
    {
        using ImageSet images = SmallTraining.Images();

        using CobraDetector detector = new CobraTrainer(Options with { AnomalySource = name }).Train(images);

        Assert.Equal(recorded, detector.Card.Health.PseudoAnomalies.Source);
        Assert.Null(detector.Card.Health.PseudoAnomalies.Health);
        Assert.Equal(24, detector.Card.Health.PseudoAnomalies.Statistics.Images);
    }

    [Fact]
    public void Without_a_source_only_normal_images_are_contrasted()
    {
        using ImageSet images = SmallTraining.Images();
        CobraOptions options = WithoutAnomalies(Options);

        using CobraDetector detector = new CobraTrainer(options).Train(images);

        Assert.Equal("no pseudo-anomalies", detector.Card.Health.PseudoAnomalies.Source);
        Assert.Equal(0, detector.Card.Health.PseudoAnomalies.Statistics.Images);
        Assert.True(detector.Card.Health.Epochs[0].ContrastiveLoss > 0);
    }

    [Fact]
    public void Without_a_source_a_loss_that_needs_one_is_refused()
    {
        ArgumentOutOfRangeException refused = Assert.Throws<ArgumentOutOfRangeException>(() => (Options with { AnomalySource = "none" }).Validate());

        Assert.Contains("ntxent", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_source_is_refused_with_the_known_ones()
    {
        ArgumentOutOfRangeException refused = Assert.Throws<ArgumentOutOfRangeException>(() => (Options with { AnomalySource = "dream" }).Validate());

        Assert.Contains("cutpaste-3way", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_resumed_training_ends_at_the_same_weights_without_a_source_as_well()
    {
        using TemporaryFolder folder = new();
        using ImageSet images = SmallTraining.Images();
        CobraOptions options = WithoutAnomalies(SmallTraining.Options with { Epochs = 2 });
        using CancellationTokenSource stop = new();
        TrainingSession first = new() { CheckpointPath = folder.File("run.checkpoint"), Progress = new StopAfterFirstEpoch(stop), Cancellation = stop.Token };

        using CobraDetector whole = new CobraTrainer(options).Train(images);
        Assert.Throws<OperationCanceledException>(() => new CobraTrainer(options).Train(images, first));
        using CobraDetector resumed = new CobraTrainer(options).Train(images, new TrainingSession { CheckpointPath = first.CheckpointPath, Resume = true });

        Assert.Equal(SmallTraining.Weights(whole.Network), SmallTraining.Weights(resumed.Network));
    }

    [Fact]
    public void A_folder_of_images_is_recorded_with_its_content_and_its_claim()
    {
        using TemporaryFolder folder = new();
        WriteSquare(folder.File("one.png"), SKColors.Red);
        using ImageSet images = SmallTraining.Images();
        CobraOptions options = Options with { AnomalySource = $"folder:{folder.Path}", ClaimedOrigin = "a paint program" };

        using CobraDetector detector = new CobraTrainer(options).Train(images);

        Assert.Matches("user-supplied images \\(1 of .*sha256 [0-9a-f]{12}; claimed: a paint program\\)", detector.Card.Health.PseudoAnomalies.Source);
    }

    [Fact]
    public void A_missing_folder_of_images_is_named()
    {
        using ImageSet images = SmallTraining.Images();

        DatasetException missing = Assert.Throws<DatasetException>(() => new CobraTrainer(Options with { AnomalySource = "folder:nowhere" }).Train(images));

        Assert.Contains("nowhere", missing.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_classifier_as_a_detector_scores_by_likelihood_with_a_gradient()
    {
        using var scope = NewDisposeScope();
        using ImageSet images = SmallTraining.Images();
        PseudoAnomalyGenerator generator = PseudoAnomalyGenerator.Build(images, Options.PseudoAnomalies, new RandomStreams(1), CPU);
        using TransformationDetector detector = new(generator);
        Tensor batch = images.Batch(0, 3).requires_grad_();

        Tensor scores = detector.Score(batch);
        autograd.backward([scores.sum()], inputs: [batch]);

        Assert.Equal([3L], scores.shape);
        Assert.True(batch.grad!.abs().amax([1, 2, 3]).gt(0).all().item<bool>());
        double expected = -detector.Score(images.Batch(0, 1)).item<double>();
        Assert.Equal(expected, generator.LogLikelihood(images.Batch(0, 1)).item<double>(), 1e-9 * Math.Abs(expected));
    }

    [Fact]
    public void A_layout_of_normals_alone_has_no_opposites_and_one_class()
    {
        using var scope = NewDisposeScope();
        PairLayout layout = new(3, 3) { HasAnomalies = false };

        PairKind[] kinds = [.. from row in Enumerable.Range(0, layout.Rows) from other in Enumerable.Range(0, layout.Rows) select layout[row, other]];

        Assert.Equal(9, layout.Rows);
        Assert.DoesNotContain(PairKind.Opposite, kinds);
        Assert.DoesNotContain(PairKind.Negative, kinds);
        Assert.Equal(0, layout.Labels().sum().item<long>());
    }

    private static CobraOptions WithoutAnomalies(CobraOptions options) => options with
    {
        AnomalySource = "none",
        Contrastive = options.Contrastive with { Name = "ntxent" },
        ClassificationWeight = 0,
    };

    private static void WriteSquare(string path, SKColor color)
    {
        using SKBitmap bitmap = new(16, 16);
        bitmap.Erase(color);
        using FileStream file = File.Create(path);
        bitmap.Encode(file, SKEncodedImageFormat.Png, 100);
    }

    private sealed class StopAfterFirstEpoch(CancellationTokenSource stop) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (value.Finished is not null) stop.Cancel();
        }
    }
}
