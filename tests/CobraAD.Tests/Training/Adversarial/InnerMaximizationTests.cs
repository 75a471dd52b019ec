using System.Text.Json;
using CobraAD.Losses;
using CobraAD.Methods.PrincipaLs;
using CobraAD.Methods.Released;
using CobraAD.Networks;
using CobraAD.Networks.Residual;
using CobraAD.Tests.Golden;
using CobraAD.Tests.Methods.Cobra;
using CobraAD.Torch;
using CobraAD.Training.Adversarial;
using CobraAD.Training.Pretraining;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Training.Adversarial;

public sealed class InnerMaximizationTests
{
    private static readonly PairLayout Layout = new(2, 3);
    private static readonly CobraObjective Objective = new(ContrastiveLosses.Create(new ContrastiveLossOptions()));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void Every_step_equals_the_executed_released_attack(int index)
    {
        using DisposeScope scope = NewDisposeScope();
        JsonElement file = GoldenFile.Read("pgd_training.json");
        JsonElement golden = file.GetProperty("cases")[index];
        int steps = golden.GetProperty("steps").GetInt32();
        Tensor images = file.GetProperty("x0").Array();
        using Generator rng = new RandomStreams(1).Create("attack");

        for (int taken = 1; taken <= steps; taken++)
        {
            InnerMaximization attack = new(new InnerMaximizationOptions
            {
                Epsilon = golden.GetProperty("eps").GetDouble(),
                StepSize = golden.GetProperty("alpha").GetDouble(),
                Steps = taken,
                Start = StartingPoint.Zero,
            });

            Tensor found = attack.Climb(images, LinearObjective(file, golden), rng, measureEnd: false).Images;

            TensorAssert.Close(golden.GetProperty("trajectory")[taken - 1].Array(), found, 1e-9);
        }
    }

    public static TheoryData<string, InnerMaximizationOptions> OfCobraAlone => new()
    {
        { "BatchStatistics", new InnerMaximizationOptions { BatchStatistics = true } },
        { "ScoreShare", new InnerMaximizationOptions { ScoreShare = 1 } },
        { "FirstSteps", new InnerMaximizationOptions { FirstSteps = 1 } },
        { "StopCrossed", new InnerMaximizationOptions { StopCrossed = true } },
        { "FirstLayerSteps", new InnerMaximizationOptions { FirstLayerSteps = 2 } },
        { "Replays", new InnerMaximizationOptions { Replays = 1 } },
        { "CheckSteps", new InnerMaximizationOptions { CheckSteps = 1 } },
    };

    [Theory]
    [MemberData(nameof(OfCobraAlone))]
    public void Other_methods_refuse_what_they_would_ignore(string option, InnerMaximizationOptions attack)
    {
        attack.Validate();

        Assert.Equal($"Attack.{option}", Assert.Throws<ArgumentOutOfRangeException>(new PrincipaLsOptions { Attack = attack }.Validate).ParamName);
        Assert.Equal($"Attack.{option}", Assert.Throws<ArgumentOutOfRangeException>(new ReleasedOptions { Attack = attack }.Validate).ParamName);
        Assert.Equal($"Attack.{option}", Assert.Throws<ArgumentOutOfRangeException>(new PretrainingOptions { Attack = attack }.Validate).ParamName);
    }

    [Fact]
    public void The_score_is_wrong_where_a_normal_is_far_from_the_center_and_an_anomaly_near_it()
    {
        using DisposeScope scope = NewDisposeScope();
        // Two normals on the axes, two anomalies opposite; both light views alike. The normals' center is the diagonal.
        Tensor view = tensor(new double[,] { { 2, 0 }, { 0, 1 }, { -3, 0 }, { 0, -1 } }), embeddings = tensor(new double[,] { { 1, 1 }, { -1, 0 }, { 5, 5 }, { -1, 1 } });

        Tensor all = Objective.ScoreError(embeddings, cat([view, view]), Layout, arange(4L));
        Tensor some = Objective.ScoreError(embeddings.index_select(0, tensor((long[])[3, 1])), cat([view, view]), Layout, tensor((long[])[3, 1]));

        TensorAssert.Close(tensor((double[])[-1, Math.Sqrt(0.5), 1, 0]) / Objective.Contrastive.Options.Temperature, all, 1e-6);
        TensorAssert.Close(all.index_select(0, tensor((long[])[3, 1])), some, 1e-12);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.5)]
    [InlineData(1)]
    public void The_attack_raises_loss_and_error_of_the_score_in_their_shares(double share)
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator weights = new(1, CPU), rng = new(2, CPU);
        using CobraNetwork network = new(SmallTraining.Options.Network, weights);
        Tensor images = rand([Layout.Samples, 3, 16, 16], generator: rng);
        InnerMaximization attack = new(new InnerMaximizationOptions { Epsilon = 0.1, Steps = 5, ScoreShare = share });
        Tensor keys = attack.EncodeKeys(network, cat([images, images]));

        AdversarialBatch found = attack.Run(network, images, keys, Layout, Objective, rng, measureEnd: true);

        network.eval();
        CobraOutput output = network.call(found.Images);
        Tensor loss = Objective.Inner(output.Embeddings, output.Logits, keys, Layout), score = Objective.ScoreError(output.Embeddings, keys, Layout, arange(Layout.Samples));
        TensorAssert.Close(((1 - share) * loss + share * score).detach(), found.ObjectiveAtEnd!, 1e-5);
        Assert.True(found.ObjectiveAtEnd!.sum().item<float>() > found.ObjectiveAtStart.sum().item<float>());
    }

    [Fact]
    public void The_default_step_size_is_the_released_one()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor images = full([2, 3], 0.5, float64);
        using Generator rng = new RandomStreams(1).Create("attack");
        InnerMaximization attack = new(new InnerMaximizationOptions { Epsilon = 0.2, Steps = 5, Start = StartingPoint.Zero });

        // The peak is half a step away, so every step goes across it, and an odd number of steps ends one step from the start.
        Tensor found = attack.Climb(images, x => -(x - 0.55).abs().sum(1), rng, measureEnd: false).Images;

        TensorAssert.Close(full([2, 3], 0.6, float64), found, 1e-12);
    }

    [Theory]
    [InlineData(StartingPoint.Uniform, false)]
    [InlineData(StartingPoint.Zero, false)]
    [InlineData(StartingPoint.Uniform, true)]
    public void Attacked_images_stay_in_the_ball_and_the_range_and_raise_the_objective(StartingPoint start, bool batchStatistics)
    {
        using DisposeScope scope = NewDisposeScope();
        using CobraNetwork network = CreateNetwork();
        Tensor images = TestImages.Uniform(Layout.Samples, 16);
        InnerMaximization attack = new(new InnerMaximizationOptions { Epsilon = 8 / 255.0, Start = start, BatchStatistics = batchStatistics });
        Tensor keys = attack.EncodeKeys(network, TestImages.Uniform(2 * Layout.Samples, 16, seed: 2));
        using Generator rng = new RandomStreams(1).Create("attack");

        AdversarialBatch result = attack.Run(network, images, keys, Layout, Objective, rng, measureEnd: true);

        Assert.InRange((result.Images - images).abs().max().item<float>(), 4 / 255.0, 8 / 255.0 + 1e-7);
        Assert.InRange(result.Images.min().item<float>(), 0, 1);
        Assert.InRange(result.Images.max().item<float>(), 0, 1);
        Assert.True((result.ObjectiveAtEnd! - result.ObjectiveAtStart).min().item<float>() > 0);
        Assert.False(result.Images.requires_grad);
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public void Mode_statistics_weights_and_gradients_of_the_network_stay_as_they_were(bool training, bool batchStatistics)
    {
        using DisposeScope scope = NewDisposeScope();
        using CobraNetwork network = CreateNetwork();
        network.train(training);
        Dictionary<string, Tensor> before = network.state_dict().ToDictionary(entry => entry.Key, entry => entry.Value.clone());
        InnerMaximization attack = new(new InnerMaximizationOptions { Steps = 2, BatchStatistics = batchStatistics });
        using Generator rng = new RandomStreams(1).Create("attack");

        Tensor keys = attack.EncodeKeys(network, TestImages.Uniform(2 * Layout.Samples, 16));
        attack.Run(network, TestImages.Uniform(Layout.Samples, 16), keys, Layout, Objective, rng);

        Assert.Equal(training, network.training);
        Assert.False(keys.requires_grad);
        foreach ((string name, Tensor value) in network.state_dict()) TensorAssert.SameBits(before[name], value);
        Assert.All(network.parameters(), parameter => Assert.Null(parameter.grad));
    }

    [Fact]
    public void The_same_generator_gives_the_same_attack_and_another_one_another()
    {
        using DisposeScope scope = NewDisposeScope();
        using CobraNetwork network = CreateNetwork();

        TensorAssert.SameBits(Attack(network, seed: 1), Attack(network, seed: 1));
        Assert.True((Attack(network, seed: 1) - Attack(network, seed: 2)).abs().max().item<float>() > 0.01);
    }

    [Fact]
    public void A_folded_network_is_attacked_to_the_same_images()
    {
        using DisposeScope scope = NewDisposeScope();
        using CobraNetwork network = CreateNetwork();
        network.to(float64);
        using CobraNetwork folded = network.Fold();

        TensorAssert.Close(Attack(network, seed: 1, float64), Attack(folded, seed: 1, float64), 1e-9);
    }

    /// <summary>Tensors of libtorch's meta device have no numbers: waiting for one, or mixing them with the CPU's, throws.</summary>
    [Fact]
    public void The_steps_ask_the_device_for_no_number()
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator rng = new RandomStreams(1).Create("attack");
        InnerMaximization attack = new(new InnerMaximizationOptions { Steps = 3, FirstLayerSteps = 2 });
        Tensor images = TestImages.Uniform(4, 16).to(new Device(DeviceType.META));

        AdversarialBatch result = attack.Climb(images, x => x.square().sum([1, 2, 3]), rng, measureEnd: false);

        Assert.Equal(DeviceType.META, result.Images.device_type);
        Assert.Equal(3, result.GradientPasses);
        Assert.ThrowsAny<Exception>(() => result.ObjectiveAtStart.sum().item<float>());
    }

    [Fact]
    public void Nothing_is_left_behind()
    {
        using CobraNetwork network = CreateNetwork();
        Attack(network, seed: 1).Dispose();
        long before = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;

        using (NewDisposeScope()) Attack(network, seed: 1);

        Assert.Equal(before, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void Rows_taken_in_parts_are_attacked_to_the_same_images()
    {
        using DisposeScope scope = NewDisposeScope();
        using CobraNetwork network = SmallAttack.CreateNetwork();
        network.to(float64);
        network.eval();
        Tensor images = TestImages.Uniform(SmallAttack.Layout.Samples, 16, ScalarType.Float64), views = TestImages.Uniform(2 * SmallAttack.Layout.Samples, 16, ScalarType.Float64, seed: 2);

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
            return attack.Run(network, images, keys, SmallAttack.Layout, SmallAttack.Objective, rng, measureEnd: true, rowsAtOnce);
        }
    }

    [Theory]
    [InlineData(-0.1, 10, null, "Epsilon")]
    [InlineData(0.1, 0, null, "Steps")]
    [InlineData(0.1, 10, 0.0, "StepSize")]
    public void An_impossible_option_is_refused_by_name(double epsilon, int steps, double? stepSize, string option)
    {
        InnerMaximizationOptions options = new() { Epsilon = epsilon, Steps = steps, StepSize = stepSize };

        Assert.Equal(option, Assert.Throws<ArgumentOutOfRangeException>(() => new InnerMaximization(options)).ParamName);
    }

    private static Func<Tensor, Tensor> LinearObjective(JsonElement file, JsonElement golden)
    {
        double sign = golden.GetProperty("reduce_loss").GetBoolean() ? -1 : 1;
        if (golden.GetProperty("attack").GetString() == "classification")
        {
            Tensor labels = golden.GetProperty("labels").Array().to(ScalarType.Int64);
            return x => sign * ClassificationLoss.PerRow(x.mm(file.GetProperty("Wc").Array().t()) + file.GetProperty("bc").Array(), labels);
        }

        Tensor target = Features(file.GetProperty("target").Array());
        return x => sign * ReleasedAttackLoss.Value(Features(x), target, file.GetProperty("temperature").GetDouble());

        Tensor Features(Tensor x) => x.mm(file.GetProperty("W").Array().t()) + file.GetProperty("b").Array();
    }

    private static Tensor Attack(CobraNetwork network, long seed, ScalarType type = ScalarType.Float32)
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator rng = new RandomStreams(seed).Create("attack");
        InnerMaximization attack = new(new InnerMaximizationOptions { Steps = 3 });
        Tensor keys = attack.EncodeKeys(network, TestImages.Uniform(2 * Layout.Samples, 16, type, seed: 2));
        return attack.Run(network, TestImages.Uniform(Layout.Samples, 16, type), keys, Layout, Objective, rng).Images.MoveToOuterDisposeScope();
    }

    /// <summary>A thin network whose running statistics have seen images.</summary>
    private static CobraNetwork CreateNetwork()
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator rng = new RandomStreams(1).Create("weights");
        CobraNetwork network = new(new CobraNetworkOptions { Encoder = new ResNetOptions { WidthFactor = 0.125 }, EmbeddingSize = 8 }, rng);
        for (int i = 0; i < 5; i++) network.call(TestImages.Uniform(8, 16, seed: 10 + i));
        return network;
    }
}
