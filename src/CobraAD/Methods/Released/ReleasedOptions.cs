using System.Text.Json.Serialization;
using CobraAD.Detection;
using CobraAD.Methods.Shifts;
using CobraAD.Networks;
using CobraAD.Optimization;
using CobraAD.Training.Adversarial;
using CobraAD.Transforms.Light;
using CobraAD.Validation;

namespace CobraAD.Methods.Released;

/// <summary>
/// What the authors' published code does in place of the paper's method. The defaults are that code's, for
/// images of up to 64 pixels; docs/reference/methods/released.md lists where ours departs from it.
/// </summary>
public sealed record ReleasedOptions : DetectorOptions, IShiftOptions
{
    /// <summary>The released code's options.</summary>
    public ReleasedOptions() => Preset = "released";

    /// <summary>Encoder, projection head and the classifier of shifts; its number of classes is K.</summary>
    /// <value>Default: four classes. With <see cref="ReleasedShift.Rotation"/> 2 to 4.</value>
    public CobraNetworkOptions Network { get; init; } = new() { Classes = 4 };

    /// <summary>What makes pseudo-anomalies.</summary>
    public ReleasedShift Shift { get; init; } = ReleasedShift.Rotation;

    /// <summary>The light transforms. The flip comes before the shift, the others after it.</summary>
    /// <value>Default: crops of 8 to 100 % of the area; the code crops nothing for MVTec AD, DAGM and ImageNet.</value>
    public LightAugmentationOptions Augmentation { get; init; } = new() { MinCropArea = 0.08 };

    /// <summary>t of the contrastive losses.</summary>
    /// <value>Default 0.5, which the code hard-wires; from 0.01 to 10.</value>
    public double Temperature { get; init; } = 0.5;

    /// <summary>Each of the three training attacks.</summary>
    /// <value>Default ε = 0.0314 (about 8/255) with 10 steps of 2.5 ε/10 from a random start.</value>
    public InnerMaximizationOptions Attack { get; init; } = new() { Epsilon = 0.0314 };

    /// <summary>The optimiser.</summary>
    public OptimizerOptions Optimizer { get; init; } = new();

    /// <summary>The learning rate over the epochs. A warm-up longer than half of them is cut to half.</summary>
    /// <value>Default: the code's cosine, whose span is the whole run although it starts after the warm-up, so it does not end at 0.</value>
    public LearningRateSchedule LearningRate { get; init; } = new() { Span = CosineSpan.Full };

    /// <summary>Passes over the data.</summary>
    /// <value>Default 1000, at least 1.</value>
    public int Epochs { get; init; } = 1000;

    /// <summary>Most normal images b of one step. A step encodes 5 K b images and attacks 3 K b.</summary>
    /// <value>Default 64, at least 2.</value>
    public int BatchSize { get; init; } = 64;

    /// <summary>Normal images of one epoch, by repetition when there are fewer.</summary>
    /// <value>Default 0: one pass over the set. The code takes 10,000 for MVTec AD and 5,000 for DAGM and Cityscapes.</value>
    public int ItemsPerEpoch { get; init; }

    /// <summary>T', how many augmented views of each shift a score averages over; T' · K passes of the network for each image.</summary>
    /// <value>Default 10; from 1 to 100.</value>
    public int ScoreViews { get; init; } = 10;

    /// <summary>Area of the crops in the score, as a fraction of the image, where <see cref="Augmentation"/> crops at all.</summary>
    /// <value>Default 0.54; from 0.01 to 1.</value>
    public double ScoreCropArea { get; init; } = 0.54;

    /// <summary>K, the shifts, the unchanged image included.</summary>
    [JsonIgnore]
    public int Shifts => Network.Classes;

    /// <summary>The learning rate over the epochs of this training.</summary>
    internal LearningRateSchedule Schedule => LearningRate with { Epochs = Epochs, WarmUpEpochs = Math.Min(LearningRate.WarmUpEpochs, Epochs / 2.0) };

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        Network.Validate();
        Network.RequireSingle("networks side by side belong to cobra");
        Augmentation.Validate();
        Attack.Validate();
        Attack.RequirePlain(nameof(Attack));
        Optimizer.Validate();
        OptionCheck.RequireDefined(Shift);
        OptionCheck.Require(Network.Classes, Shift == ReleasedShift.Scar || Network.Classes <= 4, "between 2 and 4 with Shift rotation: there are no more quarter turns");
        OptionCheck.Require(Temperature, 0.01, 10);
        OptionCheck.RequireAtLeast(Epochs, 1);
        Schedule.Validate();
        OptionCheck.RequireAtLeast(BatchSize, 2);
        OptionCheck.Require(ItemsPerEpoch, ItemsPerEpoch >= 0, "at least 0 (one pass over the set)");
        OptionCheck.Require(ScoreViews, 1, 100);
        OptionCheck.Require(ScoreCropArea, 0.01, 1);
    }
}
