using CobraAD.Detection;
using CobraAD.Validation;

namespace CobraAD.Methods.Ocsdf;

/// <summary>
/// OCSDF (Béthune et al. 2023): a signed distance function learned by a 1-Lipschitz network. The defaults are the original's for CIFAR-10, "fmnist"
/// has those for Fashion-MNIST, "tiny" trains in seconds; docs/reference/methods/ocsdf.md lists where ours departs from it.
/// </summary>
public sealed record OcsdfOptions : DetectorOptions
{
    /// <summary>Channels of the convolutions of each block; behind each block but the last the sides are halved.</summary>
    /// <value>Default [64, 128, 256]; one to six even widths from 4 to 1024.</value>
    public IReadOnlyList<int> Widths { get; init; } = [64, 128, 256];

    /// <summary>Convolutions of each block.</summary>
    /// <value>Default [4, 4, 3]; as many as <see cref="Widths"/>, each from 1 to 16.</value>
    public IReadOnlyList<int> Depths { get; init; } = [4, 4, 3];

    /// <summary>
    /// Whether the last unit sees the sum of each channel, divided by the root of the map's size, as the original's does for CIFAR-10; otherwise the
    /// whole last map. Both keep the constant 1.
    /// </summary>
    /// <value>Default <see langword="true"/>.</value>
    public bool PoolsGlobally { get; init; } = true;

    /// <summary>The hinge's margin m for each √d, d the numbers of an image.</summary>
    /// <value>Default 0.002, above 0 and at most 1.</value>
    public double Margin { get; init; } = 0.002;

    /// <summary>λ, the weight of the hinge beside the Kantorovich-Rubinstein term.</summary>
    /// <value>Default 1000, above 0 and at most 1e6.</value>
    public double HingeWeight { get; init; } = 1000;

    /// <summary>T, the Newton-Raphson steps that lead random images to the boundary.</summary>
    /// <value>Default 32; from 1 to 1000.</value>
    public int NegativeSteps { get; init; } = 32;

    /// <summary>η; a step goes the share η/T · u, u ~ U(0, 1), of the way to the level.</summary>
    /// <value>Default 20, above 0 and at most 1000.</value>
    public double NegativeRate { get; init; } = 20;

    /// <summary>The level that the steps lead to is this times -m.</summary>
    /// <value>Default 1; from 0 to 10.</value>
    public double NegativeLevel { get; init; } = 1;

    /// <summary>Whether images above the level stay where they are; otherwise they are led down to it.</summary>
    /// <value>Default <see langword="true"/>.</value>
    public bool NegativesOnlyRise { get; init; } = true;

    /// <summary>Epochs before the others in which the random images stay as they are drawn.</summary>
    /// <value>Default 10, at least 0.</value>
    public int WarmUpEpochs { get; init; } = 10;

    /// <summary>Epochs.</summary>
    /// <value>Default 80, at least 1.</value>
    public int Epochs { get; init; } = 80;

    /// <summary>Good images of one step; as many negatives are added.</summary>
    /// <value>Default 128, at least 1.</value>
    public int BatchSize { get; init; } = 128;

    /// <summary>RMSprop's learning rate at the start; it falls linearly to a thousandth.</summary>
    /// <value>Default 2.5e-4, above 0 and at most 1.</value>
    public double LearningRate { get; init; } = 2.5e-4;

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        OptionCheck.RequireList(Widths, Widths.Count is >= 1 and <= 6 && Widths.All(width => width is >= 4 and <= 1024 && width % 2 == 0), "one to six even widths from 4 to 1024");
        OptionCheck.RequireList(Depths, Depths.Count == Widths.Count && Depths.All(depth => depth is >= 1 and <= 16), "one number from 1 to 16 for each of the Widths");
        OptionCheck.RequirePositive(Margin, 1);
        OptionCheck.RequirePositive(HingeWeight, 1e6);
        OptionCheck.Require(NegativeSteps, 1, 1000);
        OptionCheck.RequirePositive(NegativeRate, 1000);
        OptionCheck.Require(NegativeLevel, 0, 10);
        OptionCheck.RequireAtLeast(WarmUpEpochs, 0);
        OptionCheck.RequireAtLeast(Epochs, 1);
        OptionCheck.RequireAtLeast(BatchSize, 1);
        OptionCheck.RequirePositive(LearningRate, 1);
    }
}
