using CobraAD.Validation;
using static TorchSharp.torch;

namespace CobraAD.Transforms.Hard;

/// <summary>Rotates by a uniform angle about the centre; bilinear, borders reflected (paper, appendix D.1; decision D19).</summary>
internal sealed record Rotation : IImageTransform
{
    /// <summary>Largest angle in degrees, either way.</summary>
    /// <value>90 by default, up to 180.</value>
    public double MaxAngle { get; init; } = 90;

    /// <inheritdoc/>
    public string Name => "rotation";

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public void Validate() => OptionCheck.Require(MaxAngle, 0, 180);

    /// <inheritdoc/>
    public Tensor Apply(Tensor images, Generator rng)
    {
        Validate();
        using var scope = NewDisposeScope();

        Tensor angle = RandomDraw.Uniform(rng, images.size(0), -MaxAngle, MaxAngle) * (Math.PI / 180);
        Tensor cosine = angle.cos(), sine = angle.sin(), zero = zeros(1, dtype: ScalarType.Float64);
        // The grid's unit is half a side, so a rotation of a non-square image is not a rotation in its coordinates.
        double widthOverHeight = (double)images.size(3) / images.size(2);
        return Resampling.Affine(images, cosine, -sine / widthOverHeight, zero, sine * widthOverHeight, cosine, zero).MoveToOuterDisposeScope();
    }
}
