using CobraAD.Datasets;
using CobraAD.Losses;
using CobraAD.Methods.Cobra;
using CobraAD.Methods.Cobra.Training;
using CobraAD.Networks;
using CobraAD.Networks.Residual;
using CobraAD.Optimization;
using CobraAD.PseudoAnomalies;
using CobraAD.Tests.Methods.Cobra;
using CobraAD.Torch;
using CobraAD.Training.Adversarial;
using CobraAD.Training.Segments;
using CobraAD.Transforms.Light;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Training.Adversarial;

/// <summary>The options that save passes of the training attack, and the one that saves its memory.</summary>
public sealed class CheaperAttackTests
{
    private static readonly PairLayout Layout = new(4, 3);
    private static readonly CobraObjective Objective = new(ContrastiveLosses.Create(new ContrastiveLossOptions()));

    [Theory]
    [InlineData(null, new[] { 10, 10, 10, 10, 10 })]
    [InlineData(2, new[] { 2, 4, 6, 8, 10 })]
    [InlineData(10, new[] { 10, 10, 10, 10, 10 })]
    public void Steps_rise_evenly_from_the_first_epoch_to_the_last(int? first, int[] expected)
    {
        InnerMaximizationOptions options = new() { Steps = 10, FirstSteps = first };

        Assert.Equal(expected, Enumerable.Range(0, 5).Select(epoch => options.InEpoch(epoch, 5, []).Steps));
    }

    [Fact]
    public void An_attack_says_in_a_few_words_how_it_goes()
    {
        InnerMaximizationOptions plain = new();

        string[] said = [.. new[] { plain, plain with { FirstSteps = 1 }, plain with { StopCrossed = true }, plain with { Steps = 5, FirstLayerSteps = 3 }, plain with { Replays = 4 } }.Select(attack => attack.Describe())];

        Assert.Equal(["PGD-10", "PGD-1 to PGD-10", "PGD-10, stopped where it crosses", "YOPO-5-3", "free-4"], said);
    }

    [Fact]
    public void A_weak_epoch_raises_the_alarm_for_all_later_ones()
    {
        InnerMaximizationOptions options = new() { Steps = 1, StepSize = 0.02, CheckSteps = 7, CheckShare = 0.5 };

        Assert.Equal(options, options.InEpoch(2, 5, [null, 0.9]));
        Assert.Equal(options with { Steps = 7, StepSize = null }, options.InEpoch(3, 5, [null, 0.4, 0.9]));
    }

    [Fact]
    public void After_an_alarm_the_attack_is_a_plain_one()
    {
        InnerMaximizationOptions plain = new() { Steps = 7, CheckSteps = 7 };

        Assert.Equal(plain, (plain with { Steps = 9, StepSize = 0.01, FirstLayerSteps = 3 }).InEpoch(1, 5, [0.1]));
    }

    [Fact]
    public void Steps_through_the_first_layer_follow_the_gradient_kept_above_it()
    {
        using DisposeScope scope = NewDisposeScope();
        using CobraNetwork network = CreateNetwork();
        network.to(float64);
        Tensor images = TestImages.Uniform(Layout.Samples, 16, float64);
        const double stepSize = 0.01;
        InnerMaximization attack = new(new InnerMaximizationOptions { Epsilon = 0.1, Steps = 1, FirstLayerSteps = 3, StepSize = stepSize, Start = StartingPoint.Zero });
        Tensor keys = attack.EncodeKeys(network, TestImages.Uniform(2 * Layout.Samples, 16, float64, seed: 2));
        using Generator rng = new RandomStreams(1).Create("attack");

        AdversarialBatch result = attack.Run(network, images, keys, Layout, Objective, rng);

        Tensor map = network.Stem(images).detach().requires_grad_();
        CobraOutput output = network.AboveStem(map);
        autograd.backward([Objective.Inner(output.Embeddings, output.Logits, keys, Layout).sum()], inputs: [map]);
        Tensor kept = map.grad!, expected = images;
        for (int step = 0; step < 3; step++)
        {
            Tensor x = expected.detach().requires_grad_();
            autograd.backward([(network.Stem(x) * kept).sum()], inputs: [x]);
            expected = (expected + stepSize * x.grad!.sign()).clamp(images - 0.1, images + 0.1).clamp(0, 1);
        }

        TensorAssert.Close(expected, result.Images, 1e-12);
        Assert.Equal(1, result.GradientPasses);
    }

    [Fact]
    public void The_ReLU_in_the_first_layer_makes_its_steps_more_than_one_long_step()
    {
        using DisposeScope scope = NewDisposeScope();
        using CobraNetwork network = CreateNetwork();
        InnerMaximizationOptions three = new() { Epsilon = 0.2, Steps = 1, FirstLayerSteps = 3, StepSize = 0.05, Start = StartingPoint.Zero };

        Tensor inThree = Attack(three), inOne = Attack(three with { FirstLayerSteps = 1, StepSize = 0.15 });

        Assert.InRange((inThree - inOne).ne(0).to(float32).mean().item<float>(), 0.01f, 0.9f);

        Tensor Attack(InnerMaximizationOptions options)
        {
            InnerMaximization attack = new(options);
            using Generator rng = new RandomStreams(1).Create("attack");
            Tensor keys = attack.EncodeKeys(network, TestImages.Uniform(2 * Layout.Samples, 16, seed: 2));
            return attack.Run(network, TestImages.Uniform(Layout.Samples, 16), keys, Layout, Objective, rng).Images;
        }
    }

    [Fact]
    public void The_default_step_length_is_shared_by_all_steps_of_an_image()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor images = full([2, 3, 4, 4], 0.5, float64);
        using Generator rng = new RandomStreams(1).Create("attack");
        InnerMaximization attack = new(new InnerMaximizationOptions { Epsilon = 0.2, Steps = 2, FirstLayerSteps = 5, Start = StartingPoint.Zero });

        // Ten steps of 2.5 ε/10 in one direction end at ε; without the clip they would end at 2.5 ε.
        Tensor found = attack.Climb(images, x => (x * 1e-3).sum([1, 2, 3]), rng, measureEnd: false).Images;
        Tensor half = new InnerMaximization(attack.Options with { Epsilon = 1, StepSize = 0.02 }).Climb(images, x => x.sum([1, 2, 3]), rng, measureEnd: false).Images;

        TensorAssert.Close(full([2, 3, 4, 4], 0.7, float64), found, 1e-12);
        TensorAssert.Close(full([2, 3, 4, 4], 0.7, float64), half, 1e-12);
    }

    [Fact]
    public void Each_replay_of_a_batch_raises_the_training_loss_that_the_next_update_lowers()
    {
        using DisposeScope scope = NewDisposeScope();
        using ImageSet images = SmallTraining.Images();

        // Without a learning rate and with the images themselves as views, nothing but the attack moves the loss.
        double once = Loss(1, 0.01), still = Loss(4, 1e-9), twice = Loss(2, 0.01), often = Loss(4, 0.01);

        Assert.Equal(once, still, 1e-4);
        Assert.True(once < twice && twice < often, $"{once}, {twice}, {often}");

        double Loss(int replays, double stepSize)
        {
            RandomStreams streams = new(3);
            using Generator rng = streams.Create("weights");
            using CobraNetwork network = new(SmallTraining.Options.Network, rng);
            using Optimizer optimizer = Optimizers.Create(SmallTraining.Options.Optimizer, network.named_parameters());
            using PseudoAnomalySupply supply = PseudoAnomalySources.Build(
                SmallTraining.Options.AnomalySource, null, images, SmallTraining.Options.PseudoAnomalies with { Filter = false }, streams, CPU);
            LightAugmentation none = new(new LightAugmentationOptions { FlipProbability = 0, JitterProbability = 0, GrayscaleProbability = 0, MinCropArea = 1, MaxCropAspect = 1 });
            InnerMaximization attack = new(new InnerMaximizationOptions { Epsilon = 0.05, Replays = replays, StepSize = stepSize, Start = StartingPoint.Zero });
            using Tensor normals = images.Batch(0, 8);
            return new CobraStep(network, supply, none, Objective, optimizer, streams, rowsAtOnce: 0).Run(normals, attack, learningRate: 0, epoch: 0, step: 1).Loss;
        }
    }

    [Fact]
    public void Replayed_batches_are_the_same_within_a_memory_limit_that_does_not_bite_and_run_within_one_that_does()
    {
        CobraOptions options = SmallTraining.Options with
        {
            Epochs = 1,
            Network = SmallTraining.Options.Network with { Encoder = Wide },
            Attack = new InnerMaximizationOptions { Replays = 2 },
        };
        using ImageSet images = SmallTraining.Images(side: 64);

        using CobraDetector free = new CobraTrainer(options).Train(images);
        using CobraDetector roomy = new CobraTrainer(options with { MemoryLimit = 4L << 30 }).Train(images);
        using CobraDetector narrow = new CobraTrainer(options with { MemoryLimit = 16L << 20 }).Train(images);

        Assert.Equal(SmallTraining.Weights(free.Network), SmallTraining.Weights(roomy.Network));
        Assert.True(double.IsFinite(narrow.Card.Health.Epochs[0].Loss));
        Assert.NotEqual(0, narrow.Card.Health.Epochs[0].AttackGain);
    }

    [Fact]
    public void Crossed_images_stay_where_they_crossed_and_cost_nothing_more()
    {
        using DisposeScope scope = NewDisposeScope();
        using CobraNetwork network = CreateNetwork();
        // Keys as if every sample's own views lay where its attacked image is, negated: all of them have crossed but for H.
        Tensor images = TestImages.Uniform(Layout.Samples, 16);
        InnerMaximization attack = new(new InnerMaximizationOptions { Steps = 4, Start = StartingPoint.Zero, StopCrossed = true });
        Tensor embeddings = network.Embed(images).detach();
        Tensor keys = cat([-embeddings, -embeddings]);
        using Generator rng = new RandomStreams(1).Create("attack");
        CobraOutput output = network.call(images);
        bool[] crossed = CobraObjective.Crossed(output.Embeddings, output.Logits, keys, Layout, arange(Layout.Samples)).data<bool>().ToArray();

        AdversarialBatch result = attack.Run(network, images, keys, Layout, Objective, rng);

        // H calls everything one class or the other, so at least one of the two classes has crossed at once.
        Assert.Contains(true, crossed);
        Assert.True(result.GradientPasses < 4);
        float[] moved = (result.Images - images).abs().amax([1L, 2, 3]).data<float>().ToArray();
        for (int i = 0; i < crossed.Length; i++) Assert.Equal(crossed[i], moved[i] == 0);
    }

    [Fact]
    public void Rows_taken_in_parts_are_attacked_to_the_same_images()
    {
        using DisposeScope scope = NewDisposeScope();
        using CobraNetwork network = CreateNetwork();
        network.to(float64);
        network.eval();
        Tensor images = TestImages.Uniform(Layout.Samples, 16, ScalarType.Float64), views = TestImages.Uniform(2 * Layout.Samples, 16, ScalarType.Float64, seed: 2);

        AdversarialBatch whole = Attack(0), parts = Attack(3);

        TensorAssert.Close(whole.Images, parts.Images, 1e-9);
        TensorAssert.Close(whole.ObjectiveAtStart, parts.ObjectiveAtStart, 1e-9);
        TensorAssert.Close(whole.ObjectiveAtEnd!, parts.ObjectiveAtEnd!, 1e-9);
        Assert.Equal(3, parts.GradientPasses);

        AdversarialBatch Attack(int rowsAtOnce)
        {
            InnerMaximization attack = new(new InnerMaximizationOptions { Steps = 3 });
            using Generator rng = new RandomStreams(1).Create("attack");
            Tensor keys = attack.EncodeKeys(network, views, rowsAtOnce);
            return attack.Run(network, images, keys, Layout, Objective, rng, measureEnd: true, rowsAtOnce);
        }
    }

    [Theory]
    [InlineData(1, 1.25 * 4 / 255, null, false, 3)]
    [InlineData(3, null, 1, true, 0)]
    public void A_training_with_a_cheaper_attack_runs_and_says_how_strong_it_was(int steps, double? stepSize, int? firstSteps, bool stopCrossed, int checkSteps)
    {
        CobraOptions options = SmallTraining.Options with
        {
            Epochs = 2,
            Attack = new InnerMaximizationOptions { Steps = steps, StepSize = stepSize, FirstSteps = firstSteps, StopCrossed = stopCrossed, CheckSteps = checkSteps },
        };
        using ImageSet images = SmallTraining.Images();

        using CobraDetector detector = new CobraTrainer(options).Train(images);

        Assert.All(detector.Card.Health.Epochs, epoch =>
        {
            Assert.Equal(checkSteps > 0, epoch.AttackStrength.HasValue);
            Assert.True(epoch.AttackStrength is null or > 0 and < 3);
        });
    }

    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 0)]
    [InlineData(true, 1)]
    [InlineData(true, 2)]
    public void A_training_in_parts_is_the_training_without_a_limit(bool attacked, int replays)
    {
        using DisposeScope scope = NewDisposeScope();
        using ImageSet images = SmallTraining.Images();
        CobraOptions options = SmallTraining.Options with
        {
            Epochs = 1,
            Attack = attacked ? SmallTraining.Options.Attack! with { Replays = replays } : null,
            Optimizer = new OptimizerOptions { Name = "sgd" },
        };
        using Generator rng = new RandomStreams(options.Seed).Create("weights");
        using CobraNetwork fresh = new(options.Network, rng);

        using CobraDetector free = new CobraTrainer(options).Train(images);
        using CobraDetector narrow = new CobraTrainer(options with { MemoryLimit = 16L << 20 }).Train(images);

        Assert.Equal(2, PassMemory.RowsWithin(16L << 20, fresh.Encoder, images, options.BatchSize));
        Assert.Equal(free.Card.Health.Epochs[0].Loss, narrow.Card.Health.Epochs[0].Loss, 1e-5);
        Assert.InRange(Distance(free.Network, narrow.Network), 0, 1e-5 * Distance(fresh, free.Network));

        static double Distance(CobraNetwork from, CobraNetwork to) => Math.Sqrt(from.named_parameters()
            .Zip(to.named_parameters(), (one, other) => (one.parameter.detach() - other.parameter.detach()).to(float64).square().sum().item<double>()).Sum());
    }

    [Fact]
    public void What_a_memory_limit_leaves_for_maps_is_without_program_and_images()
    {
        using ImageSet images = SmallTraining.Images(side: 64);
        using Generator rng = new RandomStreams(1).Create("weights");
        using CobraNetwork network = new(SmallTraining.Options.Network, rng);

        int Rows(long bytes, int batchSize) => PassMemory.RowsWithin(bytes, network.Encoder, images, batchSize);
        long row = 12 * network.Encoder.MapValues(64, 64), ofANormalImage = 14 * 4 * 3 * 64 * 64;

        Assert.Equal(Rows(4L << 30, 64) + 10, Rows((4L << 30) + 10 * row, 64));
        Assert.Equal(Rows(4L << 30, 64), Rows((4L << 30) + 100 * ofANormalImage, 164));
        Assert.Equal(2, Rows(512L << 20, 64));
    }

    [Theory]
    [InlineData(ResNetStem.Cifar, 32, 6 * 64 * 32 * 32)]
    [InlineData(ResNetStem.ImageNet, 224, 6 * 64 * 56 * 56)]
    public void A_step_in_parts_keeps_most_in_the_first_stage(ResNetStem stem, int side, long expected)
    {
        using Generator rng = new RandomStreams(1).Create("weights");
        using ResNet encoder = new(new ResNetOptions { Stem = stem }, rng);

        // The inputs of both blocks, the gradient of the output, and two convolutions with the activations between them.
        Assert.Equal(expected, PassMemory.Kept(encoder.SegmentSizes(side, side)));
    }

    [Fact]
    public void A_limit_that_bites_leaves_room_for_what_all_rows_keep()
    {
        using ImageSet images = SmallTraining.Images(side: 64);
        using Generator rng = new RandomStreams(1).Create("weights");
        using ResNet encoder = new(new ResNetOptions(), rng);
        const int batchSize = 100, rowsAtOnce = 20, side = 64;
        const long map = 64 * side * side, kept = 6 * map * 6 * batchSize, part = 12 * map * rowsAtOnce;
        const long limit = (512L << 20) + 28 * 3 * side * side + 4 * (14 * 3 * side * side * batchSize + kept + part);

        Assert.Equal(rowsAtOnce, PassMemory.RowsWithin(limit, encoder, images, batchSize));
        Assert.Equal(rowsAtOnce - 1, PassMemory.RowsWithin(limit - 4, encoder, images, batchSize));
    }

    [Theory]
    [InlineData(ResNetStem.Cifar, 32, 64 * 32 * 32 * 5 + (128 * 16 * 16 + 256 * 8 * 8 + 512 * 4 * 4) * 5)]
    [InlineData(ResNetStem.ImageNet, 224, 64 * 112 * 112 + 64 * 56 * 56 * 4 + (128 * 28 * 28 + 256 * 14 * 14 + 512 * 7 * 7) * 5)]
    public void The_maps_of_a_pass_are_counted(ResNetStem stem, int side, long expected)
    {
        using Generator rng = new RandomStreams(1).Create("weights");
        using ResNet encoder = new(new ResNetOptions { Stem = stem }, rng);

        Assert.Equal(expected, encoder.MapValues(side, side));
    }

    [Theory]
    [InlineData("FirstSteps")]
    [InlineData("StopCrossed")]
    [InlineData("CheckSteps")]
    [InlineData("CheckShare")]
    [InlineData("FirstLayerSteps")]
    [InlineData("Replays")]
    public void An_impossible_option_is_refused_by_name(string option)
    {
        InnerMaximizationOptions options = option switch
        {
            "FirstSteps" => new() { Steps = 3, FirstSteps = 4 },
            "StopCrossed" => new() { StopCrossed = true, BatchStatistics = true },
            "CheckSteps" => new() { CheckSteps = -1 },
            "FirstLayerSteps" => new() { FirstLayerSteps = 0 },
            "Replays" => new() { Replays = 2, StopCrossed = true },
            _ => new() { CheckShare = 1.5 },
        };

        Assert.Equal(option, Assert.Throws<ArgumentOutOfRangeException>(options.Validate).ParamName);
    }

    private static ResNetOptions Wide => new() { WidthFactor = 0.125 };

    private static CobraNetwork CreateNetwork()
    {
        using Generator rng = new RandomStreams(1).Create("weights");
        CobraNetwork network = new(new CobraNetworkOptions { Encoder = Wide, EmbeddingSize = 8 }, rng);
        network.eval();
        return network;
    }
}
