using CobraAD.Datasets;
using CobraAD.Detection.Cobra;
using CobraAD.Losses;
using CobraAD.Networks;
using CobraAD.Torch;
using CobraAD.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Training;

/// <summary>The options that save passes of the training attack, and the one that saves its memory.</summary>
public sealed class CheaperAttackTests
{
    private static readonly PairLayout Layout = new(4, 3);
    private static readonly CobraObjective Objective = new(ContrastiveLoss.Create(new ContrastiveLossOptions()));

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
    public void A_weak_epoch_raises_the_alarm_for_all_later_ones()
    {
        InnerMaximizationOptions options = new() { Steps = 1, StepSize = 0.02, CheckSteps = 7, CheckShare = 0.5 };

        Assert.Equal(options, options.InEpoch(2, 5, [null, 0.9]));
        Assert.Equal(options with { Steps = 7, StepSize = null }, options.InEpoch(3, 5, [null, 0.4, 0.9]));
    }

    [Fact]
    public void Crossed_images_stay_where_they_crossed_and_cost_nothing_more()
    {
        using DisposeScope scope = NewDisposeScope();
        using CobraNetwork network = CreateNetwork();
        // Keys as if every sample's own views lay where its attacked image is, negated: all of them have crossed but for H.
        Tensor images = TestImages.Uniform(Layout.Samples, 16);
        InnerMaximization attack = new(new InnerMaximizationOptions { Steps = 4, Start = AttackStart.Zero, StopCrossed = true });
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

    [Fact]
    public void A_training_within_a_memory_limit_takes_its_steps_in_parts()
    {
        using ImageSet images = SmallTraining.Images(side: 64);
        using Generator rng = new RandomStreams(1).Create("weights");
        using CobraNetwork network = new(SmallTraining.Options.Network with { Encoder = Wide }, rng);
        CobraOptions options = SmallTraining.Options with { Epochs = 1, Network = network.Options, MemoryLimit = 16L << 20 };

        Assert.InRange(PassMemory.RowsWithin(16L << 20, network.Encoder, 64, 64), 2, 3 * 2 * options.BatchSize - 1);
        using CobraDetector detector = new CobraTrainer(options).Train(images);

        Assert.True(double.IsFinite(detector.Card.Health.Epochs[0].Loss));
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
    public void An_impossible_option_is_refused_by_name(string option)
    {
        InnerMaximizationOptions options = option switch
        {
            "FirstSteps" => new() { Steps = 3, FirstSteps = 4 },
            "StopCrossed" => new() { StopCrossed = true, BatchStatistics = true },
            "CheckSteps" => new() { CheckSteps = -1 },
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
