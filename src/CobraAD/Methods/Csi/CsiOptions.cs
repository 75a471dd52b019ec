using System.Text.Json.Serialization;
using CobraAD.Detection;
using CobraAD.Methods.Shifts;
using CobraAD.Networks;
using CobraAD.Optimization;
using CobraAD.Transforms.Light;
using CobraAD.Validation;

namespace CobraAD.Methods.Csi;

/// <summary>
/// CSI (Tack et al. 2020): contrastive learning that pushes shifted copies of an image away from it. The defaults are the original's for CIFAR-10,
/// "tiny" trains in seconds; docs/reference/methods/csi.md lists where ours departs from it.
/// </summary>
public sealed record CsiOptions : DetectorOptions, IShiftOptions
{
    /// <summary>Encoder, projection head and the classifier of shifts; its number of classes is K.</summary>
    /// <value>Default: four classes; from 2 to 4.</value>
    public CobraNetworkOptions Network { get; init; } = new() { Classes = 4 };

    /// <summary>What shifts an image.</summary>
    public CsiShift Shift { get; init; } = CsiShift.Rotation;

    /// <summary>The light transforms. The flip comes before the shift, the others after it.</summary>
    /// <value>Default: crops of 8 to 100 % of the area.</value>
    public LightAugmentationOptions Augmentation { get; init; } = new() { MinCropArea = 0.08 };

    /// <summary>t of the contrastive loss.</summary>
    /// <value>Default 0.5; from 0.01 to 10.</value>
    public double Temperature { get; init; } = 0.5;

    /// <summary>The optimiser.</summary>
    public OptimizerOptions Optimizer { get; init; } = new();

    /// <summary>The learning rate over the epochs. A warm-up longer than half of them is cut to half.</summary>
    public LearningRateSchedule LearningRate { get; init; } = new();

    /// <summary>Passes over the data.</summary>
    /// <value>Default 1000, at least 1.</value>
    public int Epochs { get; init; } = 1000;

    /// <summary>Good images b of one step, which encodes 2 K b.</summary>
    /// <value>Default 128, at least 2.</value>
    public int BatchSize { get; init; } = 128;

    /// <summary>
    /// T, how many augmented views of each shift a score averages over; T · K passes of the network for each image. 0 is the cheap form: the shifted images
    /// as they are, K passes.
    /// </summary>
    /// <value>Default 10; from 0 to 100.</value>
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
        Optimizer.Validate();
        OptionCheck.RequireDefined(Shift);
        OptionCheck.Require(Network.Classes, Network.Classes <= 4, "between 2 and 4: there are no more quarter turns, or ways to exchange halves");
        OptionCheck.Require(Temperature, 0.01, 10);
        OptionCheck.RequireAtLeast(Epochs, 1);
        Schedule.Validate();
        OptionCheck.RequireAtLeast(BatchSize, 2);
        OptionCheck.Require(ScoreViews, 0, 100);
        OptionCheck.Require(ScoreCropArea, 0.01, 1);
    }
}
