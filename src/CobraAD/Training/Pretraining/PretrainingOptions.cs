using System.Text.Json.Serialization;
using CobraAD.Losses;
using CobraAD.Networks;
using CobraAD.Networks.Backbones;
using CobraAD.Networks.Residual;
using CobraAD.Networks.Transformer;
using CobraAD.Optimization;
using CobraAD.Training.Adversarial;
using CobraAD.Transforms.Light;
using CobraAD.Validation;
using static TorchSharp.torch;

namespace CobraAD.Training.Pretraining;

/// <summary>
/// Everything that decides what the training of a backbone does. The same record is what configuration files and the command line read
/// and what the weight file holds beside its weights.
/// </summary>
public sealed record PretrainingOptions
{
    /// <summary>Name of the preset that the options started from.</summary>
    /// <value>Default "default".</value>
    public string Preset { get; init; } = "default";

    /// <summary>The seed of everything random. The same seed, machine and thread count give the same weights bit for bit on a CPU.</summary>
    /// <value>Default 0.</value>
    public long Seed { get; init; }

    /// <summary>What is trained for.</summary>
    /// <value>Default <see cref="PretrainingObjective.Supervised"/>.</value>
    public PretrainingObjective Objective { get; init; } = PretrainingObjective.Supervised;

    /// <summary>The network, when it is a residual one.</summary>
    public ResNetOptions Network { get; init; } = new();

    /// <summary>The network, when it is a vision transformer; <see cref="Network"/> is then not used.</summary>
    /// <value>Default <see langword="null"/>: a residual network.</value>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public VisionTransformerOptions? Transformer { get; init; }

    /// <summary>The random changes of the training images, and the views of <see cref="PretrainingObjective.Simclr"/>.</summary>
    public LightAugmentationOptions Augmentation { get; init; } = new();

    /// <summary>The attack of <see cref="PretrainingObjective.Adversarial"/>; not used by the others.</summary>
    /// <value>Default PGD-7 with ε = 4/255.</value>
    public InnerMaximizationOptions Attack { get; init; } = new() { Steps = 7 };

    /// <summary>t of <see cref="PretrainingObjective.Simclr"/>: similarities are cosines divided by it.</summary>
    /// <value>Default 0.5; from 0.01 to 10.</value>
    public double Temperature { get; init; } = 0.5;

    /// <summary>Length of an embedding of <see cref="PretrainingObjective.Simclr"/>; its projection head is not kept.</summary>
    /// <value>Default 128; from 2 to 8192.</value>
    public int EmbeddingSize { get; init; } = 128;

    /// <summary>The optimiser.</summary>
    public OptimizerOptions Optimizer { get; init; } = new() { Name = "sgd", WeightDecay = 5e-4 };

    /// <summary>The learning rate over the epochs. A warm-up longer than half of them is cut to half.</summary>
    public LearningRateSchedule LearningRate { get; init; } = new() { Peak = 0.1, WarmUpEpochs = 5 };

    /// <summary>Passes over the data.</summary>
    /// <value>Default 100, at least 1.</value>
    public int Epochs { get; init; } = 100;

    /// <summary>Most images of one step.</summary>
    /// <value>Default 128, at least 2.</value>
    public int BatchSize { get; init; } = 128;

    /// <summary>The learning rate over the epochs of this training.</summary>
    internal LearningRateSchedule Schedule => LearningRate with { Epochs = Epochs, WarmUpEpochs = Math.Min(LearningRate.WarmUpEpochs, Epochs / 2.0) };

    /// <summary>The loss of <see cref="PretrainingObjective.Simclr"/>.</summary>
    internal ContrastiveLossOptions Contrastive => new() { Name = "ntxent", Temperature = Temperature };

    /// <summary>The network with fresh weights, on the CPU; the caller disposes it.</summary>
    internal FeatureNetwork CreateNetwork(Generator rng) => new BackboneOptions { Network = Network, Transformer = Transformer }.CreateNetwork(rng);

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public void Validate()
    {
        OptionCheck.RequireDefined(Objective);
        Network.Validate();
        Transformer?.Validate();
        Augmentation.Validate();
        Attack.Validate();
        Attack.RequirePlain(nameof(Attack));
        OptionCheck.Require(Temperature, 0.01, 10);
        OptionCheck.Require(EmbeddingSize, 2, 8192);
        Optimizer.Validate();
        OptionCheck.RequireAtLeast(Epochs, 1);
        Schedule.Validate();
        OptionCheck.RequireAtLeast(BatchSize, 2);
    }
}
