using CobraAD.Validation;

namespace CobraAD.Networks.Residual;

/// <summary>Shape of a residual network (He et al., 2016).</summary>
public sealed record ResNetOptions
{
    /// <summary>Which network.</summary>
    /// <value>Default <see cref="ResNetVariant.ResNet18"/>.</value>
    public ResNetVariant Variant { get; init; } = ResNetVariant.ResNet18;

    /// <summary>The first layers.</summary>
    /// <value>Default <see cref="ResNetStem.Cifar"/>.</value>
    public ResNetStem Stem { get; init; } = ResNetStem.Cifar;

    /// <summary>Factor on the width of every layer: the first stage has 64 · factor channels, rounded.</summary>
    /// <value>Default 1; from 1/64 (one channel) to 4.</value>
    public double WidthFactor { get; init; } = 1;

    /// <summary>Channels of the first stage.</summary>
    internal int BaseWidth => (int)Math.Round(64 * WidthFactor);

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public void Validate()
    {
        OptionCheck.RequireDefined(Variant);
        OptionCheck.RequireDefined(Stem);
        OptionCheck.Require(WidthFactor, WidthFactor is >= 1 / 64.0 and <= 4, "between 1/64 and 4");
    }
}
