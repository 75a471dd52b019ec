using CobraAD.Detection;
using CobraAD.Validation;

namespace CobraAD.Methods.DeepSvdd;

/// <summary>
/// DeepSVDD (Ruff et al. 2018). The defaults are the original's for CIFAR-10; "mnist" has those for MNIST, "tiny" trains in seconds.
/// </summary>
public sealed record DeepSvddOptions : DetectorOptions
{
    /// <summary>What is minimised.</summary>
    /// <value>Default <see cref="DeepSvddObjective.OneClass"/>.</value>
    public DeepSvddObjective Objective { get; init; } = DeepSvddObjective.OneClass;

    /// <summary>ν, the share of training images that may lie outside the soft boundary.</summary>
    /// <value>Default 0.1, in (0, 1).</value>
    public double OutlierShare { get; init; } = 0.1;

    /// <summary>Epochs before the soft boundary's radius is first set.</summary>
    /// <value>Default 10, at least 0.</value>
    public int WarmUpEpochs { get; init; } = 10;

    /// <summary>Channels of the 5 × 5 convolutions; each is followed by a pooling that halves the sides.</summary>
    /// <value>Default [32, 64, 128]; one to six widths from 1 to 1024.</value>
    public IReadOnlyList<int> Channels { get; init; } = [32, 64, 128];

    /// <summary>Length of an embedding φ(x).</summary>
    /// <value>Default 128; a multiple of 16 up to 4096, because the decoder starts from a map of 4 × 4.</value>
    public int EmbeddingSize { get; init; } = 128;

    /// <summary>Epochs of the autoencoder whose encoder the training starts from.</summary>
    /// <value>Default 350, at least 0 (none).</value>
    public int PretrainingEpochs { get; init; } = 350;

    /// <summary>The epoch from which the pre-training's learning rate is a tenth.</summary>
    /// <value>Default 250, at least 0.</value>
    public int PretrainingMilestone { get; init; } = 250;

    /// <summary>Weight decay of the pre-training.</summary>
    /// <value>Default 0.5e-6, from 0 to 1.</value>
    public double PretrainingWeightDecay { get; init; } = 0.5e-6;

    /// <summary>Epochs of the training itself.</summary>
    /// <value>Default 150, at least 1.</value>
    public int Epochs { get; init; } = 150;

    /// <summary>The epoch from which the learning rate is a tenth.</summary>
    /// <value>Default 50, at least 0.</value>
    public int Milestone { get; init; } = 50;

    /// <summary>Adam's learning rate, of pre-training and training.</summary>
    /// <value>Default 1e-4, above 0 and at most 1.</value>
    public double LearningRate { get; init; } = 1e-4;

    /// <summary>Weight decay of the training.</summary>
    /// <value>Default 0.5e-6, from 0 to 1.</value>
    public double WeightDecay { get; init; } = 0.5e-6;

    /// <summary>Images of one step.</summary>
    /// <value>Default 200, at least 2.</value>
    public int BatchSize { get; init; } = 200;

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        OptionCheck.RequireDefined(Objective);
        OptionCheck.Require(OutlierShare, OutlierShare is > 0 and < 1, "above 0 and below 1");
        OptionCheck.RequireAtLeast(WarmUpEpochs, 0);
        OptionCheck.RequireList(Channels, Channels.Count is >= 1 and <= 6 && Channels.All(width => width is >= 1 and <= 1024), "one to six widths from 1 to 1024");
        OptionCheck.Require(EmbeddingSize, EmbeddingSize is >= 16 and <= 4096 && EmbeddingSize % 16 == 0, "a multiple of 16 from 16 to 4096");
        OptionCheck.RequireAtLeast(PretrainingEpochs, 0);
        OptionCheck.RequireAtLeast(PretrainingMilestone, 0);
        OptionCheck.Require(PretrainingWeightDecay, 0, 1);
        OptionCheck.RequireAtLeast(Epochs, 1);
        OptionCheck.RequireAtLeast(Milestone, 0);
        OptionCheck.RequirePositive(LearningRate, 1);
        OptionCheck.Require(WeightDecay, 0, 1);
        OptionCheck.RequireAtLeast(BatchSize, 2);
    }
}
