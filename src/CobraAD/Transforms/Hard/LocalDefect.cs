using CobraAD.Validation;
using static TorchSharp.torch;

namespace CobraAD.Transforms.Hard;

/// <summary>
/// A small spot, dent or scratch: a soft ellipse somewhere in the image becomes lighter or darker, all channels alike. Beyond the paper,
/// whose transforms change more of an image than most real defects do.
/// </summary>
internal sealed record LocalDefect : IImageTransform
{
    /// <summary>Smallest length of the ellipse as a fraction of the image's shorter side.</summary>
    /// <value>0.04 by default.</value>
    public double MinLength { get; init; } = 0.04;

    /// <summary>Largest length of the ellipse as a fraction of the image's shorter side.</summary>
    /// <value>0.25 by default, at most 1.</value>
    public double MaxLength { get; init; } = 0.25;

    /// <summary>How many times longer than wide the narrowest ellipse is; the roundest is a circle.</summary>
    /// <value>5 by default, 1 to 100.</value>
    public double MaxAspect { get; init; } = 5;

    /// <summary>Smallest change of brightness in the middle of the ellipse.</summary>
    /// <value>0.15 by default.</value>
    public double MinContrast { get; init; } = 0.15;

    /// <summary>Largest change of brightness in the middle of the ellipse.</summary>
    /// <value>0.6 by default, at most 1.</value>
    public double MaxContrast { get; init; } = 0.6;

    /// <inheritdoc/>
    public string Name => "defect";

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public void Validate()
    {
        OptionCheck.Require(MaxLength, 0.001, 1);
        OptionCheck.Require(MinLength, 0.001, MaxLength);
        OptionCheck.Require(MaxAspect, 1, 100);
        OptionCheck.Require(MaxContrast, 0, 1);
        OptionCheck.Require(MinContrast, 0, MaxContrast);
    }

    /// <inheritdoc/>
    public Tensor Apply(Tensor images, Generator rng)
    {
        Validate();
        using var scope = NewDisposeScope();
        long batch = images.size(0), height = images.size(2), width = images.size(3);
        // Half of the long and of the short axis, in pixels. Small defects are as likely as large ones, hence the logarithms.
        Tensor length = RandomDraw.Uniform(rng, batch, Math.Log(MinLength), Math.Log(MaxLength)).exp_().mul_(Math.Min(height, width)).clamp_min_(1).div_(2);
        Tensor breadth = (length / RandomDraw.Uniform(rng, batch, 0, Math.Log(MaxAspect)).exp_()).clamp_min_(0.5);
        Tensor angle = RandomDraw.Uniform(rng, batch, 0, Math.PI);
        Tensor contrast = RandomDraw.Uniform(rng, batch, MinContrast, MaxContrast) * where(RandomDraw.Coin(rng, batch, 0.5), 1.0, -1.0);
        Tensor down = arange(height, dtype: images.dtype, device: images.device).reshape(1, -1, 1) - OnGrid(RandomDraw.Below(rng, batch, height));
        Tensor right = arange(width, dtype: images.dtype, device: images.device).reshape(1, 1, -1) - OnGrid(RandomDraw.Below(rng, batch, width));

        Tensor cosine = OnGrid(angle.cos()), sine = OnGrid(angle.sin());
        Tensor along = (cosine * right + sine * down) / OnGrid(length), across = (cosine * down - sine * right) / OnGrid(breadth);
        // 1 in the middle, a half on the ellipse, flat inside and steep at the edge.
        Tensor shape = (along.square() + across.square()).square().add(1).reciprocal().unsqueeze(1);
        return (images + shape * RandomDraw.PerImage(contrast, images)).clamp(0, 1).MoveToOuterDisposeScope();

        Tensor OnGrid(Tensor drawn) => drawn.to(images.dtype).to(images.device).reshape(-1, 1, 1);
    }
}
