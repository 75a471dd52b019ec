using CobraAD.Networks.Backbones;
using CobraAD.Networks.Residual;
using CobraAD.Optimization;
using CobraAD.Training.Adversarial;
using CobraAD.Transforms.Light;

namespace CobraAD.Training.Pretraining;

/// <summary>Ready-made options of a pretraining.</summary>
public static class PretrainingPresets
{
    /// <summary>As for COBRA: up to this side the 3×3 stem and ε = 4/255, above it the 7×7 stem and ε = 2/255.</summary>
    private const int LargestLowResolution = 64;

    /// <summary>Names of the presets.</summary>
    public static IReadOnlyList<string> Names { get; } = ["default", "fast", "tiny"];

    /// <summary>The options of a preset: "default" is for a GPU, "fast" takes an hour or so on a CPU, "tiny" minutes.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="objective">What is trained for, which decides augmentation and optimiser.</param>
    /// <param name="imageSize">The side of the images in pixels, which decides the stem and the size of the attack.</param>
    /// <exception cref="ArgumentException">There is no such preset.</exception>
    public static PretrainingOptions Get(string name, PretrainingObjective objective, int imageSize)
    {
        bool isSmall = imageSize <= LargestLowResolution;
        PretrainingOptions options = new()
        {
            Preset = name,
            Objective = objective,
            Network = new ResNetOptions { Stem = isSmall ? ResNetStem.Cifar : ResNetStem.ImageNet },
            // SimCLR learns what all views share, so they must differ; a classifier needs flips and crops only.
            Augmentation = objective == PretrainingObjective.Simclr
                ? new LightAugmentationOptions { MinCropArea = 0.2 }
                : new LightAugmentationOptions { MinCropArea = 0.5, JitterProbability = 0, GrayscaleProbability = 0 },
            Attack = new InnerMaximizationOptions { Epsilon = (isSmall ? 4 : 2) / 255.0, Steps = 7 },
        };
        // NT-Xent has as many negatives as the batch gives it, and Adam needs no rate found for it.
        if (objective == PretrainingObjective.Simclr) options = WithAdam(options) with { Epochs = 200, BatchSize = 256 };
        return name switch
        {
            "default" => options,
            "fast" => WithAdam(options) with
            {
                Network = options.Network with { WidthFactor = 0.5 },
                Attack = options.Attack with { Steps = 4 },
                Epochs = 20,
                BatchSize = objective == PretrainingObjective.Simclr ? 128 : 64,
            },
            "tiny" => WithAdam(options) with
            {
                Network = options.Network with { Stem = ResNetStem.Strided, WidthFactor = 0.25 },
                Attack = options.Attack with { Steps = 2 },
                Epochs = 4,
                BatchSize = 64,
            },
            _ => throw new ArgumentException($"There is no preset '{name}'. Presets are {string.Join(", ", Names)}.", nameof(name)),
        };
    }

    private static PretrainingOptions WithAdam(PretrainingOptions options) => options with
    {
        Optimizer = new OptimizerOptions { Name = "adam" },
        LearningRate = new LearningRateSchedule { Peak = 2e-3, WarmUpEpochs = 2 },
    };
}
