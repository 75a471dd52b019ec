using CobraAD.Validation;
using static TorchSharp.torch;

namespace CobraAD.Transforms.Hard;

/// <summary>Erases a rectangle at a random place (paper, appendix D.1).</summary>
/// <remarks>
/// A rectangle of area A and aspect r ≤ 1 (fractions of the image's own sides) measures √(A r) × √(A / r), lying or standing. It fits
/// only if A ≤ r, hence A ~ U(<see cref="MinArea"/>, min(<see cref="MaxArea"/>, r)).
/// </remarks>
internal sealed record RandomErasing : IImageTransform
{
    /// <summary>Smallest erased area as a fraction of the image.</summary>
    /// <value>0.02 by default; not above <see cref="MaxArea"/> nor <see cref="MinAspect"/>.</value>
    public double MinArea { get; init; } = 0.02;

    /// <summary>Largest erased area as a fraction of the image.</summary>
    /// <value>0.33 by default.</value>
    public double MaxArea { get; init; } = 0.33;

    /// <summary>Smallest ratio of the short to the long side.</summary>
    /// <value>0.1 by default.</value>
    public double MinAspect { get; init; } = 0.1;

    /// <summary>Largest ratio of the short to the long side.</summary>
    /// <value>0.5 by default.</value>
    public double MaxAspect { get; init; } = 0.5;

    /// <summary>What takes the place of the rectangle.</summary>
    /// <value><see cref="FillKind.Noise"/> by default.</value>
    public FillKind Fill { get; init; } = FillKind.Noise;

    /// <inheritdoc/>
    public string Name => "random-erasing";

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public void Validate()
    {
        OptionCheck.Require(MinAspect, 0.01, 1);
        OptionCheck.Require(MaxAspect, MinAspect, 1);
        OptionCheck.Require(MaxArea, 0, 1);
        OptionCheck.Require(MinArea, 0, Math.Min(MaxArea, MinAspect));
    }

    /// <inheritdoc/>
    public Tensor Apply(Tensor images, Generator rng)
    {
        Validate();
        using var scope = NewDisposeScope();
        long batch = images.size(0);

        Tensor aspect = RandomDraw.Uniform(rng, batch, MinAspect, MaxAspect);
        Tensor area = MinArea + (aspect.clamp_max(MaxArea) - MinArea) * RandomDraw.Uniform(rng, batch, 0, 1);
        Tensor shortSide = (area * aspect).sqrt(), longSide = (area / aspect).sqrt();
        Tensor standing = RandomDraw.Coin(rng, batch, 0.5);
        Tensor height = PixelBox.Pixels(where(standing, longSide, shortSide), images.size(2));
        Tensor width = PixelBox.Pixels(where(standing, shortSide, longSide), images.size(3));
        Tensor mask = PixelBox.Place(height, width, images, rng).Mask(images);
        return RegionFill.Apply(images, mask, Fill, rng).MoveToOuterDisposeScope();
    }
}
