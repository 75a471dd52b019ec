using CobraAD.Transforms.Light;
using CobraAD.Validation;
using static TorchSharp.torch;

namespace CobraAD.Transforms.Hard;

/// <summary>The patch of the CutPaste method: a rectangle, its colours slightly changed, copied to another place of the same image.</summary>
internal sealed record CutPastePatch : IImageTransform
{
    /// <summary>Smallest area of the patch as a fraction of the image.</summary>
    /// <value>0.02 by default.</value>
    public double MinArea { get; init; } = 0.02;

    /// <summary>Largest area of the patch as a fraction of the image.</summary>
    /// <value>0.15 by default, at most 0.3, above which the longest patch no longer fits.</value>
    public double MaxArea { get; init; } = 0.15;

    /// <summary>Ratio of the sides, in fractions of the image's: log-uniform between this and its inverse.</summary>
    /// <value>0.3 by default, 0.3 to 1.</value>
    public double MinAspect { get; init; } = 0.3;

    /// <inheritdoc/>
    public string Name => "cutpaste-patch";

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public void Validate()
    {
        OptionCheck.Require(MaxArea, 0, 0.3);
        OptionCheck.Require(MinArea, 0, MaxArea);
        OptionCheck.Require(MinAspect, 0.3, 1);
    }

    /// <inheritdoc/>
    public Tensor Apply(Tensor images, Generator rng)
    {
        Validate();
        using var scope = NewDisposeScope();
        long batch = images.size(0);

        Tensor area = RandomDraw.Uniform(rng, batch, MinArea, MaxArea);
        Tensor aspect = RandomDraw.Uniform(rng, batch, Math.Log(MinAspect), -Math.Log(MinAspect)).exp();
        Tensor height = PixelBox.Pixels((area * aspect).sqrt(), images.size(2)), width = PixelBox.Pixels((area / aspect).sqrt(), images.size(3));
        PixelBox source = PixelBox.Place(height, width, images, rng), target = PixelBox.Place(height, width, images, rng);

        // Rows and columns wrap around outside the target, where the copy is not used.
        Tensor rows = (PixelMap.Rows(images) + PixelMap.PerImage(source.Top - target.Top, images)).remainder(images.size(2));
        Tensor columns = (PixelMap.Columns(images) + PixelMap.PerImage(source.Left - target.Left, images)).remainder(images.size(3));
        Tensor copy = PixelMap.Gather(ColorJitter.Slight.Apply(images, rng), rows, columns);
        return where(target.Mask(images), copy, images).MoveToOuterDisposeScope();
    }
}
