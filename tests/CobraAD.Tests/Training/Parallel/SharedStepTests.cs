using CobraAD.Datasets;
using CobraAD.Losses;
using CobraAD.Methods.Cobra.Training;
using CobraAD.Mpi;
using CobraAD.Networks;
using CobraAD.Networks.Residual;
using CobraAD.Optimization;
using CobraAD.PseudoAnomalies;
using CobraAD.Tests.Methods.Cobra;
using CobraAD.Tests.Mpi;
using CobraAD.Torch;
using CobraAD.Training.Adversarial;
using CobraAD.Training.Parallel;
using CobraAD.Transforms.Light;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Training.Parallel;

/// <summary>A step that ranks share is the step of one rank with the whole batch.</summary>
public sealed class SharedStepTests
{
    private const int Batch = 7;

    [Theory]
    [InlineData(2, "ours", ResNetStem.Strided, 0, 0)]
    [InlineData(3, "ours", ResNetStem.ImageNet, 0, 0)]
    [InlineData(2, "ours", ResNetStem.Cifar, 5, 0)]
    [InlineData(2, "none", ResNetStem.Strided, 0, 0)]
    [InlineData(2, "ours", ResNetStem.Strided, 0, 2)]
    public void Steps_of_several_ranks_are_those_of_one_with_the_whole_batch(int ranks, string source, ResNetStem stem, int rowsAtOnce, int replays)
    {
        using ImageSet images = SmallTraining.Images();

        Trained alone = Train(images, null, source, stem, rowsAtOnce, replays);
        Trained[] together = ThreadRanks.Run(ranks, own => Train(images, own, source, stem, rowsAtOnce, replays));

        Assert.All(together, rank =>
        {
            Assert.Equal(alone.Loss, rank.Loss, 1e-6);
            Assert.Equal(alone.Gain, rank.Gain, 1e-6);
            Assert.Equal(alone.State.Keys, rank.State.Keys);
            // Weights, momenta and the running statistics of the batch normalisation.
            Assert.All(alone.State, entry => Assert.InRange(Difference(entry.Value, rank.State[entry.Key]), 0, 1e-9));
        });
        Assert.All(together, rank => Assert.All(together[0].State, entry => Assert.Equal(entry.Value, rank.State[entry.Key])));
        Assert.True(alone.State.Count > 60 && alone.Moved, "the steps changed nothing");
    }

    [Fact]
    public void A_batch_without_an_image_for_every_rank_is_refused_and_the_rank_named()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => ThreadRanks.Run(3, ranks => new RankShare(ranks, 2)));

        Assert.Contains("rank 2 would have none", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void Every_row_belongs_to_one_rank_with_all_views_of_its_sample_and_of_the_opposite(int size)
    {
        const long samples = 2 * Batch, views = 3;

        long[][] rows = ThreadRanks.Run(size, ranks => new RankShare(ranks, Batch).Rows(samples, views, CPU).Own.data<long>().ToArray());

        Assert.Equal(Enumerable.Range(0, (int)(samples * views)).Select(row => (long)row), rows.SelectMany(own => own).Order());
        Assert.All(rows, own => Assert.All(own, row =>
        {
            long sample = row % samples;
            for (long view = 0; view < views; view++)
            {
                Assert.Contains(view * samples + sample, own);
                Assert.Contains(view * samples + (sample + Batch) % samples, own);
            }
        }));
        Assert.InRange(rows.Max(own => own.Length) - rows.Min(own => own.Length), 0, 2 * views);
    }

    [Fact]
    public void The_bytes_of_a_step_are_those_of_the_communication_model()
    {
        using ImageSet images = SmallTraining.Images();

        RankTraffic[] traffic = ThreadRanks.Run(2, ranks =>
        {
            Train(images, ranks, "ours", ResNetStem.Strided, 0, 0);
            return ranks.Traffic;
        });

        using Generator rng = new(0, CPU);
        using CobraNetwork network = new(Shape(ResNetStem.Strided), rng);
        long weights = network.parameters().Sum(parameter => parameter.numel());
        long[] channels = [.. network.named_buffers().Where(buffer => buffer.name.EndsWith("running_mean", StringComparison.Ordinal)).Select(buffer => buffer.buffer.numel())];
        // In float64: all weights; for each normalisation mean and count, squares, and two sums on the way back; keys of two views, features of three.
        long ofAStep(long pairs) => 8 * (weights + channels.Sum(count => 4 * count + 1) + 2 * pairs * (2 * 16 + 3 * network.Encoder.FeatureSize));
        // The gain of the attack is measured in the first step: sum and count.
        long expected = ofAStep(Batch / 2) + ofAStep(Batch / 2) + 2 * 8;
        Assert.Equal(expected, traffic[0].Bytes);
    }

    private static CobraNetworkOptions Shape(ResNetStem stem) => new() { Encoder = new ResNetOptions { Stem = stem, WidthFactor = 1.0 / 16 }, EmbeddingSize = 16 };

    /// <summary>Two steps in float64, from drawn weights.</summary>
    private static Trained Train(ImageSet images, IRanks? ranks, string source, ResNetStem stem, int rowsAtOnce, int replays)
    {
        using DisposeScope scope = NewDisposeScope();
        RandomStreams streams = new(5);
        using Generator rng = streams.Create("weights");
        using CobraNetwork network = new(Shape(stem), rng);
        network.to(float64);
        byte[] before = SmallTraining.Weights(network);
        using Optimizer optimizer = Optimizers.Create(new OptimizerOptions { Name = "sgd" }, network.named_parameters());
        PseudoAnomalyOptions options = SmallTraining.Options.PseudoAnomalies with { Filter = false };
        using PseudoAnomalySupply supply = PseudoAnomalySources.Build(source, null, images, options, streams, CPU);
        InnerMaximization attack = new(new InnerMaximizationOptions { Epsilon = 4 / 255.0, Steps = 2, Replays = replays, StepSize = replays > 0 ? 0.01 : null });
        CobraStep step = new(
            network, supply, new LightAugmentation(new LightAugmentationOptions()), new CobraObjective(ContrastiveLosses.Create(new ContrastiveLossOptions())), optimizer, streams, rowsAtOnce)
        {
            Ranks = ranks,
        };
        List<StepOutcome> outcomes = [];
        for (int i = 0; i < 2; i++)
        {
            using Tensor normals = images.Batch(i * Batch, Batch).to(float64);
            outcomes.Add(step.Run(normals, attack, learningRate: 0.05, epoch: 0, step: i));
        }

        Dictionary<string, double[]> state = [];
        foreach ((string name, Tensor tensor) in network.state_dict()) state[name] = tensor.to(float64).data<double>().ToArray();
        foreach ((string name, Tensor tensor) in optimizer.SaveState()) state[$"optimizer {name}"] = tensor.to(float64).data<double>().ToArray();
        return new Trained(outcomes[^1].Loss, outcomes[0].AttackGain!.Value, state, !before.SequenceEqual(SmallTraining.Weights(network)));
    }

    private static double Difference(double[] expected, double[] found) => expected.Zip(found, (a, b) => Math.Abs(a - b)).DefaultIfEmpty().Max();

    private sealed record Trained(double Loss, double Gain, Dictionary<string, double[]> State, bool Moved);
}
