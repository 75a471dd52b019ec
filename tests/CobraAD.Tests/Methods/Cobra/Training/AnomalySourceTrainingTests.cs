using CobraAD.Datasets;
using CobraAD.Losses;
using CobraAD.Methods.Cobra;
using CobraAD.Methods.Cobra.Training;
using CobraAD.PseudoAnomalies;
using CobraAD.PseudoAnomalies.Crafting;
using CobraAD.PseudoAnomalies.Generative.Diffusion;
using CobraAD.PseudoAnomalies.Generative.Gan;
using CobraAD.PseudoAnomalies.Sources;
using CobraAD.Torch;
using CobraAD.Training;
using SkiaSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Methods.Cobra.Training;

public sealed class AnomalySourceTrainingTests
{
    private static CobraOptions Options => SmallTraining.Options with { Epochs = 1 };

    [Theory]
    [InlineData("rotation", "rotation by quarter turns (CSI)")]
    [InlineData("cutpaste", "CutPaste patches")]
    [InlineData("cutpaste-scar", "CutPaste scars")]
    [InlineData("cutpaste-3way", "CutPaste patches and scars")]
    [InlineData("perlin", "procedural textures in masks of Perlin noise")]
    public void A_training_uses_the_source_that_its_options_name(string name, string recorded)
    {
        using ImageSet images = SmallTraining.Images();

        using CobraDetector detector = new CobraTrainer(Options with { AnomalySource = name }).Train(images);

        Assert.Equal(recorded, detector.Card.Health.PseudoAnomalies.Source);
        Assert.Null(detector.Card.Health.PseudoAnomalies.Health);
        Assert.Equal(24, detector.Card.Health.PseudoAnomalies.Statistics.Images);
    }

    [Theory]
    [InlineData("goe-small", "GOE-small: 40 images by a DCGAN")]
    [InlineData("fitymi-small", "FITYMI-small: 40 images by a DDPM")]
    public void A_training_uses_the_images_of_a_small_generator(string name, string recorded)
    {
        using ImageSet images = SmallTraining.Images();

        using CobraDetector detector = new CobraTrainer(Generating(Options) with { AnomalySource = name }).Train(images);

        Assert.StartsWith(recorded, detector.Card.Health.PseudoAnomalies.Source, StringComparison.Ordinal);
        Assert.Equal(24, detector.Card.Health.PseudoAnomalies.Statistics.Images);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Virtual_outliers_take_part_from_their_first_epoch_on(bool attacked)
    {
        using ImageSet images = SmallTraining.Images();
        CobraOptions options = WithVirtualOutliers(SmallTraining.Options) with { Attack = attacked ? SmallTraining.Options.Attack : null };

        using CobraDetector detector = new CobraTrainer(options).Train(images);

        Assert.StartsWith("virtual outliers in feature space", detector.Card.Health.PseudoAnomalies.Source, StringComparison.Ordinal);
        Assert.Equal(2 * 24, detector.Card.Health.PseudoAnomalies.Statistics.Images);
        IReadOnlyList<EpochSummary> epochs = detector.Card.Health.Epochs;
        Assert.All(epochs, epoch => Assert.True(double.IsFinite(epoch.Loss)));
        // Until the outliers begin, the loss is that of the normals alone, without the classification that two classes need.
        Assert.Equal(epochs[0].ContrastiveLoss, epochs[0].Loss, 1e-5);
        Assert.All(epochs.Skip(1), epoch => Assert.Equal(epoch.ContrastiveLoss + epoch.ClassificationLoss, epoch.Loss, 1e-4));
        Assert.All(epochs, epoch => Assert.Equal(attacked, epoch.AttackGain > 0));
    }

    [Fact]
    public void Before_its_outliers_begin_a_training_is_that_without_a_source()
    {
        using TemporaryFolder folder = new();
        using ImageSet images = SmallTraining.Images();
        CobraOptions plain = WithoutAnomalies(SmallTraining.Options), outliers = WithVirtualOutliers(SmallTraining.Options);

        byte[] expected = WeightsAfterFirstEpoch(plain, folder.File("plain.checkpoint")), found = WeightsAfterFirstEpoch(outliers, folder.File("outliers.checkpoint"));

        Assert.Equal(expected, found);

        byte[] WeightsAfterFirstEpoch(CobraOptions options, string path)
        {
            using CancellationTokenSource stop = new();
            TrainingSession session = new() { CheckpointPath = path, Progress = new StopAfterFirstEpoch(stop), Cancellation = stop.Token };
            Assert.Throws<OperationCanceledException>(() => new CobraTrainer(options).Train(images, session));
            using CobraDetector detector = CobraCheckpoint.ReadDetector(path, options, images, CPU);
            return SmallTraining.Weights(detector.Network);
        }
    }

    [Theory]
    [InlineData("vos")]
    [InlineData("goe-small")]
    [InlineData("fitymi-small")]
    public void A_resumed_training_ends_at_the_same_weights_with_outliers_and_with_generated_images(string source)
    {
        using TemporaryFolder folder = new();
        using ImageSet images = SmallTraining.Images();
        CobraOptions options = source == "vos" ? WithVirtualOutliers(SmallTraining.Options) : Generating(SmallTraining.Options with { Epochs = 2 }) with { AnomalySource = source };
        using CancellationTokenSource stop = new();
        // In the middle of the second epoch: the queue has been full, and has moved on.
        TrainingSession first = new() { CheckpointPath = folder.File("run.checkpoint"), Progress = new StopAfterSteps(stop, 5), Cancellation = stop.Token };

        using CobraDetector whole = new CobraTrainer(options).Train(images);
        Assert.Throws<OperationCanceledException>(() => new CobraTrainer(options).Train(images, first));
        using CobraDetector resumed = new CobraTrainer(options).Train(images, new TrainingSession { CheckpointPath = first.CheckpointPath, Resume = true });

        Assert.Equal(SmallTraining.Weights(whole.Network), SmallTraining.Weights(resumed.Network));
        Assert.Equal(whole.Card.Health.PseudoAnomalies.Statistics, resumed.Card.Health.PseudoAnomalies.Statistics);
        Assert.Equal(whole.Card.Health.PseudoAnomalies.Source, resumed.Card.Health.PseudoAnomalies.Source);
    }

    [Fact]
    public void Virtual_outliers_that_would_never_begin_or_not_suffice_are_refused()
    {
        CobraOptions options = WithVirtualOutliers(SmallTraining.Options);

        ArgumentOutOfRangeException late = Assert.Throws<ArgumentOutOfRangeException>(() => (options with { PseudoAnomalies = Starting(3) }).Validate());
        ArgumentOutOfRangeException few = Assert.Throws<ArgumentOutOfRangeException>(() => (options with { BatchSize = 600 }).Validate());

        Assert.Equal("StartEpoch", late.ParamName);
        Assert.Equal("Draws", few.ParamName);

        PseudoAnomalyOptions Starting(int epoch) => options.PseudoAnomalies with { VirtualOutliers = options.PseudoAnomalies.VirtualOutliers with { StartEpoch = epoch } };
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

    /// <summary>From the second epoch on, with a queue that is full by then.</summary>
    private static CobraOptions WithVirtualOutliers(CobraOptions options) => options with
    {
        AnomalySource = "vos",
        PseudoAnomalies = options.PseudoAnomalies with { VirtualOutliers = new VirtualOutlierOptions { QueueLength = 20, Draws = 500, StartEpoch = 1 } },
    };

    private static CobraOptions Generating(CobraOptions options) => options with
    {
        PseudoAnomalies = options.PseudoAnomalies with
        {
            Gan = new GanOptions { Width = 4, LatentSize = 8, TrainingSteps = 3, BatchSize = 8, Images = 40 },
            Diffusion = new DiffusionOptions
            {
                Width = 4,
                TrainingSteps = 3,
                BatchSize = 4,
                CheckEvery = 2,
                CheckImages = 8,
                CheckSamplingSteps = 2,
                SamplingSteps = 3,
                Images = 40,
            },
        },
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

    private sealed class StopAfterSteps(CancellationTokenSource stop, long steps) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (value.Phase == TrainingPhase.Network && value.Done == steps) stop.Cancel();
        }
    }
}
