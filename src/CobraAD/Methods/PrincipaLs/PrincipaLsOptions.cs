using CobraAD.Detection;
using CobraAD.Training.Adversarial;
using CobraAD.Validation;

namespace CobraAD.Methods.PrincipaLs;

/// <summary>
/// PrincipaLS (Lo et al. 2022). No code was published: the ranks are the paper's, the rest are decisions that
/// docs/reference/methods/principals.md lists.
/// </summary>
public sealed record PrincipaLsOptions : DetectorOptions
{
    /// <summary>Channels of the encoder's blocks; each halves the sides.</summary>
    /// <value>Default [32, 64, 128]; one to six widths from 1 to 1024.</value>
    public IReadOnlyList<int> Channels { get; init; } = [32, 64, 128];

    /// <summary>k_V, how many directions of the channels are kept.</summary>
    /// <value>Default 1; from 1 to the number of channels.</value>
    public int VectorRank { get; init; } = 1;

    /// <summary>k_S, how many directions of the positions are kept; at most as many as there are positions.</summary>
    /// <value>Default 8; from 1 to 4096.</value>
    public int SpatialRank { get; init; } = 8;

    /// <summary>η, the weight of a batch in the moving averages of means and directions.</summary>
    /// <value>Default 0.1, above 0 and at most 1.</value>
    public double AveragingRate { get; init; } = 0.1;

    /// <summary>The training attack.</summary>
    /// <value>Default ε = 4/255 with 5 steps; <see langword="null"/> trains without one.</value>
    public InnerMaximizationOptions? Attack { get; init; } = new() { Steps = 5 };

    /// <summary>Epochs.</summary>
    /// <value>Default 60, at least 1.</value>
    public int Epochs { get; init; } = 60;

    /// <summary>Images of one step.</summary>
    /// <value>Default 128, at least 2.</value>
    public int BatchSize { get; init; } = 128;

    /// <summary>Adam's learning rate.</summary>
    /// <value>Default 1e-3, above 0 and at most 1.</value>
    public double LearningRate { get; init; } = 1e-3;

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        Attack?.Validate();
        Attack?.RequirePlain(nameof(Attack));
        OptionCheck.RequireList(Channels, Channels.Count is >= 1 and <= 6 && Channels.All(width => width is >= 1 and <= 1024), "one to six widths from 1 to 1024");
        OptionCheck.Require(VectorRank, VectorRank >= 1 && VectorRank <= Channels[^1], "between 1 and the last number of Channels");
        OptionCheck.Require(SpatialRank, 1, 4096);
        OptionCheck.RequirePositive(AveragingRate, 1);
        OptionCheck.RequireAtLeast(Epochs, 1);
        OptionCheck.RequireAtLeast(BatchSize, 2);
        OptionCheck.RequirePositive(LearningRate, 1);
    }
}
