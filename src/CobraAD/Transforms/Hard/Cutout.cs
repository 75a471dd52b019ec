using CobraAD.Validation;
using static TorchSharp.torch;

namespace CobraAD.Transforms.Hard;

/// <summary>Replaces one square at a random place by a constant (paper, appendix D.1).</summary>
internal sealed record Cutout : IImageTransform
{
    /// <summary>Side of the square as a fraction of the width.</summary>
    /// <value>0.25 by default.</value>
    public double Side { get; init; } = 0.25;

    /// <summary>What takes the square's place.</summary>
    /// <value><see cref="FillKind.Zero"/> by default.</value>
    public FillKind Fill { get; init; } = FillKind.Zero;

    /// <inheritdoc/>
    public string Name => "cutout";

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public void Validate() => OptionCheck.Require(Side, 0, 1);

    /// <inheritdoc/>
    public Tensor Apply(Tensor images, Generator rng)
    {
        Validate();
        using var scope = NewDisposeScope();
        Tensor fraction = full([images.size(0)], Side, dtype: ScalarType.Float64);
        Tensor side = PixelBox.Pixels(fraction, images.size(3)).clamp_max(images.size(2));
        Tensor mask = PixelBox.Place(side, side, images, rng).Mask(images);
        return RegionFill.Apply(images, mask, Fill, rng).MoveToOuterDisposeScope();
    }
}
