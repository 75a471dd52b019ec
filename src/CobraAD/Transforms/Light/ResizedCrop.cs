using static TorchSharp.torch;

namespace CobraAD.Transforms.Light;

/// <summary>
/// Enlarges a window of area A ~ U(minArea, <see cref="MaxArea"/>) and aspect a (width over height, in fractions of the sides) at a random place to the
/// whole image. ln a is uniform in ±ln(maxAspect), cut to A ≤ a ≤ 1/A where the window fits, so that the area is always the one drawn.
/// </summary>
internal sealed class ResizedCrop(double minArea, double maxAspect) : IImageTransform
{
    public string Name => "resized-crop";

    /// <summary>Largest area of the window as a fraction of the image; with the smallest, every window has the same area.</summary>
    public double MaxArea { get; init; } = 1;

    public Tensor Apply(Tensor images, Generator rng)
    {
        using var scope = NewDisposeScope();
        (Tensor width, Tensor height) = Windows(images.size(0), rng);
        Tensor centreX = (1 - width) * RandomDraw.Uniform(rng, images.size(0), -1, 1), centreY = (1 - height) * RandomDraw.Uniform(rng, images.size(0), -1, 1);
        return Resampling.Crop(images, width, height, centreX, centreY).MoveToOuterDisposeScope();
    }

    /// <summary>Width and height of each window as fractions of the image's sides, [count] each.</summary>
    internal (Tensor Width, Tensor Height) Windows(long count, Generator rng)
    {
        Tensor area = RandomDraw.Uniform(rng, count, minArea, MaxArea);
        Tensor widest = area.log().neg().clamp_max(Math.Log(maxAspect));
        Tensor aspect = (widest * RandomDraw.Uniform(rng, count, -1, 1)).exp();
        return ((area * aspect).sqrt(), (area / aspect).sqrt());
    }
}
