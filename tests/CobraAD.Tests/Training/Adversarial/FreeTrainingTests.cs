using CobraAD.Datasets;
using CobraAD.Methods.Cobra;
using CobraAD.Methods.Cobra.Training;
using CobraAD.Networks;
using CobraAD.Optimization;
using CobraAD.PseudoAnomalies;
using CobraAD.Tests.Methods.Cobra;
using CobraAD.Torch;
using CobraAD.Training.Adversarial;
using CobraAD.Transforms.Light;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Training.Adversarial;

/// <summary>Free adversarial training: a batch is updated on several times, and each update also moves the attacked images.</summary>
public sealed class FreeTrainingTests
{
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
            return new CobraStep(network, supply, none, SmallAttack.Objective, optimizer, streams, rowsAtOnce: 0).Run(normals, attack, learningRate: 0, epoch: 0, step: 1).Loss;
        }
    }

    [Fact]
    public void Replayed_batches_are_the_same_within_a_memory_limit_that_does_not_bite_and_run_within_one_that_does()
    {
        CobraOptions options = SmallTraining.Options with
        {
            Epochs = 1,
            Network = SmallTraining.Options.Network with { Encoder = SmallAttack.Encoder },
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
}
