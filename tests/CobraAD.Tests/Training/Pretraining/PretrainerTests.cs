using CobraAD.Datasets;
using CobraAD.Networks.Backbones;
using CobraAD.Networks.Residual;
using CobraAD.Networks.Transformer;
using CobraAD.Optimization;
using CobraAD.Serialization;
using CobraAD.Serialization.Tensors;
using CobraAD.Tests.Methods.Cobra;
using CobraAD.Training;
using CobraAD.Training.Adversarial;
using CobraAD.Training.Pretraining;
using CobraAD.Transforms.Light;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Training.Pretraining;

public sealed class PretrainerTests : IDisposable
{
    private static readonly LightAugmentationOptions FlipsOnly = new() { JitterProbability = 0, GrayscaleProbability = 0, MinCropArea = 0.8 };

    private readonly DisposeScope scope = NewDisposeScope();
    private readonly string folder = Directory.CreateTempSubdirectory("cobra-pretraining-").FullName;
    private readonly LabelledImages images = Stripes();

    private string Checkpoint => Path.Combine(folder, "backbone.checkpoint");

    public void Dispose()
    {
        images.Dispose();
        scope.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData(PretrainingObjective.Supervised)]
    [InlineData(PretrainingObjective.Simclr)]
    [InlineData(PretrainingObjective.Adversarial)]
    public void It_learns_to_tell_classes_apart_that_it_has_not_seen_images_of(PretrainingObjective objective)
    {
        using PretrainedBackbone backbone = new Pretrainer(Options(objective)).Train(images);

        Assert.Equal(objective, backbone.Record.Objective);
        Assert.Equal(images.HeldOut.Count, backbone.Record.HeldOutImages);
        Assert.True(backbone.Record.Losses[^1] < backbone.Record.Losses[0]);
        // A third would be chance.
        Assert.InRange(backbone.Record.Accuracy!.Value, 0.75, 1);
    }

    [Fact]
    public void A_small_transformer_is_trained_named_and_opened_again()
    {
        VisionTransformerOptions shape = new() { PatchSize = 4, ImageSize = 16, Width = 16, Depth = 2, Heads = 2, HiddenWidth = 32 };
        string path = Path.Combine(folder, "vit.safetensors");
        PretrainingOptions options = Options(PretrainingObjective.Supervised) with { Transformer = shape };

        using PretrainedBackbone backbone = new Pretrainer(options).Train(images);
        backbone.Save(path);
        using Generator rng = new(1, CPU);
        using Backbone opened = BackboneStore.Open(BackboneOptions.InHouse(path), rng);

        Assert.True(backbone.Record.Losses[^1] < backbone.Record.Losses[0]);
        Assert.InRange(backbone.Record.Accuracy!.Value, 0.6, 1);
        Assert.StartsWith("in-house ViT of 2 blocks, width 16, 2 heads", backbone.Record.Description, StringComparison.Ordinal);
        Tensor batch = images.HeldOut.Batch(0, 4);
        TensorAssert.SameBits(backbone.Network.call(nn.functional.interpolate(batch, [16, 16], mode: InterpolationMode.Bilinear, align_corners: false)), opened.Features(batch));
        ModelFormatException error = Assert.Throws<ModelFormatException>(() => BackboneStore.Open(BackboneOptions.InHouse(path) with { Transformer = shape with { Heads = 4 } }, rng));
        Assert.Contains("the weights are those of ViT of 2 blocks, width 16, 2 heads", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_attack_of_an_adversarial_training_is_measured_and_costs_accuracy()
    {
        PretrainingOptions strong = Options(PretrainingObjective.Adversarial) with { Attack = new InnerMaximizationOptions { Epsilon = 0.5, Steps = 4 }, Epochs = 2 };
        using PretrainedBackbone backbone = new Pretrainer(strong).Train(images);
        using PretrainedBackbone undefended = new Pretrainer(strong with { Objective = PretrainingObjective.Supervised }).Train(images);

        Assert.NotNull(backbone.Record.RobustAccuracy);
        Assert.True(backbone.Record.RobustAccuracy <= backbone.Record.Accuracy);
        Assert.Equal(0.5, backbone.Record.Epsilon);
        Assert.Equal(4, backbone.Record.AttackSteps);
        Assert.NotEqual(SmallTraining.Weights(undefended.Network), SmallTraining.Weights(backbone.Network));
        Assert.Null(undefended.Record.RobustAccuracy);
    }

    [Fact]
    public void Training_against_an_attack_gives_accuracy_under_it()
    {
        InnerMaximizationOptions attack = new() { Epsilon = 0.1, Steps = 4 };
        PretrainingOptions defended = Options(PretrainingObjective.Adversarial) with { Attack = attack, Epochs = 15 };
        using PretrainedBackbone undefended = new Pretrainer(defended with { Objective = PretrainingObjective.Supervised }).Train(images);
        using PretrainedBackbone robust = new Pretrainer(defended).Train(images);

        double with = AccuracyUnder(attack, robust), without = AccuracyUnder(attack, undefended);
        Assert.True(with > without + 0.2, $"{with} with and {without} without the attack in training");
    }

    [Fact]
    public void The_same_seed_gives_the_same_bits_and_another_seed_others()
    {
        PretrainingOptions options = Options(PretrainingObjective.Adversarial) with { Epochs = 2 };
        using PretrainedBackbone first = new Pretrainer(options).Train(images);
        using PretrainedBackbone second = new Pretrainer(options).Train(images);
        using PretrainedBackbone other = new Pretrainer(options with { Seed = 4 }).Train(images);

        Assert.Equal(SmallTraining.Weights(first.Network), SmallTraining.Weights(second.Network));
        Assert.NotEqual(SmallTraining.Weights(first.Network), SmallTraining.Weights(other.Network));
    }

    [Theory]
    [InlineData(PretrainingObjective.Supervised, 1)]
    [InlineData(PretrainingObjective.Simclr, 5)]
    [InlineData(PretrainingObjective.Adversarial, 4)]
    public void Cancelled_after_any_step_and_resumed_it_ends_with_the_same_weights(PretrainingObjective objective, int steps)
    {
        PretrainingOptions options = Options(objective) with { Epochs = 2 };
        using PretrainedBackbone whole = new Pretrainer(options).Train(images);
        using CancellationTokenSource stop = new();
        TrainingSession session = new() { CheckpointPath = Checkpoint, Progress = new StopAfter(stop, steps), Cancellation = stop.Token };

        OperationCanceledException cancelled = Assert.Throws<OperationCanceledException>(() => new Pretrainer(options).Train(images, session));
        using PretrainedBackbone resumed = new Pretrainer(options).Train(images, new TrainingSession { CheckpointPath = Checkpoint, Resume = true });

        Assert.Contains(Checkpoint, cancelled.Message, StringComparison.Ordinal);
        Assert.Equal(SmallTraining.Weights(whole.Network), SmallTraining.Weights(resumed.Network));
        Assert.Equal(whole.Record.Losses, resumed.Record.Losses);
    }

    [Fact]
    public void A_checkpoint_of_other_options_or_labels_is_refused()
    {
        PretrainingOptions options = Options(PretrainingObjective.Supervised) with { Epochs = 1 };
        TrainingSession session = new() { CheckpointPath = Checkpoint };
        new Pretrainer(options).Train(images, session).Dispose();
        TrainingSession resumed = session with { Resume = true };
        LabelledImages relabelled = images with { TrainLabels = [.. images.TrainLabels.Select(label => (label + 1) % 3)] };

        Assert.Contains("epochs is 2, was 1", Assert.Throws<InvalidOperationException>(() => new Pretrainer(options with { Epochs = 2 }).Train(images, resumed)).Message, StringComparison.Ordinal);
        Assert.Contains("other images", Assert.Throws<InvalidOperationException>(() => new Pretrainer(options).Train(relabelled, resumed)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_loss_that_is_no_number_stops_the_training()
    {
        PretrainingOptions wild = Options(PretrainingObjective.Supervised) with
        {
            Optimizer = new OptimizerOptions { Name = "sgd", Momentum = 0.99, WeightDecay = 1 },
            LearningRate = new LearningRateSchedule { Peak = 100, WarmUpEpochs = 0 },
            Epochs = 40,
        };

        Assert.Contains("lower learning rate", Assert.Throws<TrainingDivergedException>(() => new Pretrainer(wild).Train(images)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(PretrainingObjective.Supervised)]
    [InlineData(PretrainingObjective.Simclr)]
    public void The_file_loads_as_a_backbone_with_the_same_features_and_says_what_it_is(PretrainingObjective objective)
    {
        string path = Path.Combine(folder, "backbone.safetensors");
        using PretrainedBackbone trained = new Pretrainer(Options(objective) with { Epochs = 1 }).Train(images);
        trained.Save(path);

        using Generator rng = new(1, CPU);
        using Backbone backbone = BackboneStore.Open(BackboneOptions.InHouse(path), rng);
        Tensor batch = images.HeldOut.Batch(0, 4);

        TensorAssert.SameBits(trained.Network.call(batch), backbone.Features(batch));
        Assert.Equal(objective == PretrainingObjective.Supervised, backbone.Head is not null);
        Assert.True(backbone.Origin.IsStandIn);
        Assert.Equal(trained.Record.Fingerprint, backbone.Origin.Pretraining!.Fingerprint);
        Assert.Equal(
            $"in-house ResNet18 ×0.125 ({(objective == PretrainingObjective.Supervised ? "supervised" : "SimCLR")}, stripes without dots, 16 px): not comparable with published numbers",
            backbone.Origin.Describe(backbone.Options));
    }

    [Fact]
    public void A_backbone_file_is_refused_under_another_stem_and_under_other_means()
    {
        string path = Path.Combine(folder, "backbone.safetensors");
        using PretrainedBackbone trained = new Pretrainer(Options(PretrainingObjective.Supervised) with { Epochs = 1 }).Train(images);
        trained.Save(path);
        BackboneOptions right = BackboneOptions.InHouse(path);
        using Generator rng = new(1, CPU);

        ModelFormatException stem = Assert.Throws<ModelFormatException>(() => BackboneStore.Open(right with { Network = right.Network with { Stem = ResNetStem.Cifar } }, rng));
        ModelFormatException mean = Assert.Throws<ModelFormatException>(() => BackboneStore.Open(right with { Mean = [0.485, 0.456, 0.406] }, rng));

        Assert.Contains("Strided stem", stem.Message, StringComparison.Ordinal);
        Assert.Contains("backbone.mean", mean.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_weight_file_from_elsewhere_does_not_pass_for_an_in_house_one()
    {
        string path = Path.Combine(folder, "other.safetensors");
        Safetensors.Write(path, new Dictionary<string, Tensor> { ["conv1.weight"] = zeros(1) });
        string damaged = Path.Combine(folder, "damaged.safetensors");
        Safetensors.Write(damaged, new Dictionary<string, Tensor> { ["conv1.weight"] = zeros(1) }, new Dictionary<string, string> { [PretrainingRecord.Key] = "{\"objective\": 3}" });

        Assert.Contains("no in-house backbone", Assert.Throws<ModelFormatException>(() => BackboneOptions.InHouse(path)).Message, StringComparison.Ordinal);
        Assert.Contains(PretrainingRecord.Key, Assert.Throws<ModelFormatException>(() => BackboneOptions.InHouse(damaged)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Labels_that_do_not_fit_are_refused()
    {
        LabelledImages missing = images with { TrainLabels = [0, 1] };
        LabelledImages outside = images with { HeldOutLabels = [.. images.HeldOutLabels.Select(_ => 7L)] };

        Assert.Throws<ArgumentException>(() => new Pretrainer(Options(PretrainingObjective.Supervised)).Train(missing));
        Assert.Throws<ArgumentException>(() => new Pretrainer(Options(PretrainingObjective.Supervised)).Train(outside));
    }

    private static PretrainingOptions Options(PretrainingObjective objective) => new()
    {
        Preset = "test",
        Seed = 3,
        Objective = objective,
        Network = new ResNetOptions { Stem = ResNetStem.Strided, WidthFactor = 1.0 / 8 },
        Augmentation = FlipsOnly,
        Attack = new InnerMaximizationOptions { Epsilon = 2 / 255.0, Steps = 2 },
        EmbeddingSize = 16,
        Optimizer = new OptimizerOptions { Name = "adam" },
        LearningRate = new LearningRateSchedule { Peak = 5e-3, WarmUpEpochs = 0.5 },
        Epochs = 10,
        BatchSize = 16,
    };

    private double AccuracyUnder(InnerMaximizationOptions attack, PretrainedBackbone backbone)
    {
        string path = Path.Combine(folder, "attacked.safetensors");
        backbone.Save(path);
        using Generator rng = new(9, CPU);
        using Backbone opened = BackboneStore.Open(BackboneOptions.InHouse(path), rng);
        Tensor labels = tensor(images.HeldOutLabels.ToArray());
        AdversarialBatch attacked = new InnerMaximization(attack).Climb(
            images.HeldOut.Batch(0, images.HeldOut.Count),
            candidates => nn.functional.cross_entropy(opened.Head!.call(opened.Features(candidates)), labels, reduction: nn.Reduction.None), rng, measureEnd: false);
        using IDisposable frozen = no_grad();
        return opened.Head!.call(opened.Features(attacked.Images)).argmax(1).eq(labels).to(ScalarType.Float32).mean().item<float>();
    }

    /// <summary>Rows, columns and a checkerboard of two grey levels under noise, each at a random phase.</summary>
    private static LabelledImages Stripes()
    {
        return new LabelledImages("stripes", Set(96, 1), Labels(96), Set(24, 2), Labels(24), ["rows", "columns", "checks"]) { ExcludedClasses = ["dots"] };

        static long[] Labels(int count) => [.. Enumerable.Range(0, count).Select(i => i % 3L)];

        static ImageSet Set(int count, ulong seed)
        {
            using DisposeScope scope = NewDisposeScope();
            using Generator rng = new(seed, CPU);
            const int side = 16;
            Tensor pixels = (rand([count, 3, side, side], generator: rng) - 0.5) * 60;
            Tensor phases = rand([count, 2], generator: rng) * 4;
            Tensor places = arange(side, ScalarType.Float32);
            for (int i = 0; i < count; i++)
            {
                Tensor rows = (((places + phases[i, 0]).floor() / 2).floor() % 2).unsqueeze(1).expand(side, side);
                Tensor columns = (((places + phases[i, 1]).floor() / 2).floor() % 2).unsqueeze(0).expand(side, side);
                Tensor pattern = (i % 3) switch { 0 => rows, 1 => columns, _ => (rows + columns) % 2 };
                pixels[i].add_(60 + 130 * pattern);
            }

            return new ImageSet("stripes", pixels.clamp(0, 255).to(ScalarType.Byte), [.. Enumerable.Range(0, count).Select(i => $"image {i}")]);
        }
    }

    private sealed class StopAfter(CancellationTokenSource stop, int steps) : IProgress<TrainingProgress>
    {
        private int seen;

        public void Report(TrainingProgress value)
        {
            if (++seen == steps) stop.Cancel();
        }
    }
}
