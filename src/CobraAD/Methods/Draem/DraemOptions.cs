using CobraAD.Detection;
using CobraAD.Validation;

namespace CobraAD.Methods.Draem;

/// <summary>DRAEM (Zavrtanik et al. 2021): a network that removes pasted textures and one that finds what was removed. The defaults are the original's.</summary>
public sealed record DraemOptions : DetectorOptions
{
    /// <summary>A folder of images whose textures are pasted, at any depth, such as the Describable Textures Dataset that the original has.</summary>
    /// <value>Default <see langword="null"/>: procedural textures, which the detector's name says.</value>
    public string? Textures { get; init; }

    /// <summary>Channels of the reconstructive network at full resolution; deeper levels have up to 8 times as many.</summary>
    /// <value>Default 128; from 1 to 512.</value>
    public int ReconstructionWidth { get; init; } = 128;

    /// <summary>Channels of the discriminative network at full resolution; deeper levels have up to 8 times as many.</summary>
    /// <value>Default 64; from 1 to 512.</value>
    public int SegmentationWidth { get; init; } = 64;

    /// <summary>Passes over the images.</summary>
    /// <value>Default 700, at least 1.</value>
    public int Epochs { get; init; } = 700;

    /// <summary>Images of one step.</summary>
    /// <value>Default 8, at least 1.</value>
    public int BatchSize { get; init; } = 8;

    /// <summary>Learning rate of Adam; a fifth of it after 80 % of the epochs, and a twenty-fifth after 90 %.</summary>
    /// <value>Default 1e-4, above 0 and at most 1.</value>
    public double LearningRate { get; init; } = 1e-4;

    /// <summary>Share of the training images that get an anomaly.</summary>
    /// <value>Default 0.5, above 0 and at most 1.</value>
    public double AnomalyShare { get; init; } = 0.5;

    /// <summary>Share of the training images that are turned by up to 90° first.</summary>
    /// <value>Default 0.3, from 0 to 1; 0 where the parts' orientation matters.</value>
    public double TurnedShare { get; init; } = 0.3;

    /// <summary>γ of the focal loss.</summary>
    /// <value>Default 2, from 0 to 10.</value>
    public double Focus { get; init; } = 2;

    /// <summary>Side of the window over which the map is averaged before its maximum is taken, in pixels of an image of 256.</summary>
    /// <value>Default 21; from 1 (no averaging) to 101.</value>
    public double Window { get; init; } = 21;

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        OptionCheck.Require(Textures, Textures is null || !string.IsNullOrWhiteSpace(Textures), "the path of a folder, or null for procedural textures");
        OptionCheck.Require(ReconstructionWidth, 1, 512);
        OptionCheck.Require(SegmentationWidth, 1, 512);
        OptionCheck.RequireAtLeast(Epochs, 1);
        OptionCheck.RequireAtLeast(BatchSize, 1);
        OptionCheck.RequirePositive(LearningRate, 1);
        OptionCheck.RequirePositive(AnomalyShare, 1);
        OptionCheck.Require(TurnedShare, 0, 1);
        OptionCheck.Require(Focus, 0, 10);
        OptionCheck.Require(Window, 1, 101);
    }
}
