using CobraAD.Detection;
using CobraAD.Validation;

namespace CobraAD.Methods.Apae;

/// <summary>
/// APAE (Goodge et al. 2020): an autoencoder that looks for a better code when it scores. The training is the original's; the network, which was
/// for tables there, and the length of the descent are decisions that docs/reference/methods/apae.md lists.
/// </summary>
public sealed record ApaeOptions : DetectorOptions
{
    /// <summary>Channels of the encoder's convolutions; each halves the sides.</summary>
    /// <value>Default [32, 64, 128]; one to six widths from 1 to 1024.</value>
    public IReadOnlyList<int> Channels { get; init; } = [32, 64, 128];

    /// <summary>Length of a code.</summary>
    /// <value>Default 64; from 1 to 4096.</value>
    public int CodeSize { get; init; } = 64;

    /// <summary>T, the steps of the descent from the encoder's code to a better one, in every score.</summary>
    /// <value>Default 50; from 0 (a plain autoencoder) to 1000.</value>
    public int ProjectionSteps { get; init; } = 50;

    /// <summary>A step of the descent, as a share of the longest one that cannot overshoot on the training images.</summary>
    /// <value>Default 1, above 0 and at most 2.</value>
    public double ProjectionRate { get; init; } = 1;

    /// <summary>Epochs.</summary>
    /// <value>Default 200, at least 1.</value>
    public int Epochs { get; init; } = 200;

    /// <summary>Images of one step.</summary>
    /// <value>Default 256, at least 1.</value>
    public int BatchSize { get; init; } = 256;

    /// <summary>Adam's learning rate.</summary>
    /// <value>Default 1e-3, above 0 and at most 1.</value>
    public double LearningRate { get; init; } = 1e-3;

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        OptionCheck.RequireList(Channels, Channels.Count is >= 1 and <= 6 && Channels.All(width => width is >= 1 and <= 1024), "one to six widths from 1 to 1024");
        OptionCheck.Require(CodeSize, 1, 4096);
        OptionCheck.Require(ProjectionSteps, 0, 1000);
        OptionCheck.RequirePositive(ProjectionRate, 2);
        OptionCheck.RequireAtLeast(Epochs, 1);
        OptionCheck.RequireAtLeast(BatchSize, 1);
        OptionCheck.RequirePositive(LearningRate, 1);
    }
}
