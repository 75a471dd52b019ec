using CobraAD.Networks;
using CobraAD.Networks.Backbones;
using CobraAD.Torch;
using static TorchSharp.torch;

namespace CobraAD.Training.Pretraining;

/// <summary>What a backbone is trained for: a head on its features, a loss, and how well it does on images that it has not seen.</summary>
internal abstract class PretrainingTask(FeatureNetwork network) : IDisposable
{
    /// <summary>The network; not owned.</summary>
    protected FeatureNetwork Network => network;

    /// <summary>The layers on top of the features; owned by the task.</summary>
    public abstract nn.Module<Tensor, Tensor> Head { get; }

    /// <summary>The task that the options name.</summary>
    /// <param name="options">What to train for.</param>
    /// <param name="network">On the CPU.</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="rng">CPU generator of the head's weights.</param>
    public static PretrainingTask Create(PretrainingOptions options, FeatureNetwork network, int classes, Generator rng) => options.Objective == PretrainingObjective.Simclr
        ? new ContrastiveTask(options, network, rng)
        : new ClassificationTask(options, network, classes, rng);

    /// <summary>The loss of a batch, with the network in training mode; part of the caller's scope.</summary>
    /// <param name="images">[b, 3, H, W] in [0, 1].</param>
    /// <param name="labels">int64 [b].</param>
    /// <param name="streams">The run's random numbers.</param>
    /// <param name="epoch">From 0.</param>
    /// <param name="step">Of the epoch, from 0.</param>
    public abstract Tensor Loss(Tensor images, Tensor labels, RandomStreams streams, int epoch, int step);

    /// <summary>Fills in the accuracies of a record; the network is in evaluation mode.</summary>
    public abstract PretrainingRecord Measure(PretrainingRecord record, MeasuredImages images, RandomStreams streams);

    public void Dispose() => Head.Dispose();
}
