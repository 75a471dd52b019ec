using CobraAD.Validation;
using static TorchSharp.torch;

namespace CobraAD.Transforms.Hard;

/// <summary>Replaces a region at a random place by the same region of another image (paper, appendix D.1).</summary>
internal sealed record CutMix : IMixingTransform
{
    /// <summary>Area of the region as a fraction of the image; each side is its square root.</summary>
    /// <value>0.2 by default.</value>
    public double Area { get; init; } = 0.2;

    /// <inheritdoc/>
    public string Name => "cutmix";

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public void Validate() => OptionCheck.Require(Area, 0, 1);

    /// <summary>Takes the region from another image of the batch, chosen at random; a batch of one is unchanged.</summary>
    /// <inheritdoc/>
    public Tensor Apply(Tensor images, Generator rng)
    {
        using var scope = NewDisposeScope();
        Tensor partners = images.index_select(0, RandomDraw.Partners(rng, images.size(0)).to(images.device));
        return Apply(images, partners, rng).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public Tensor Apply(Tensor images, Tensor partners, Generator rng)
    {
        Validate();
        using var scope = NewDisposeScope();
        Tensor fraction = full([images.size(0)], Math.Sqrt(Area), dtype: ScalarType.Float64);
        PixelBox box = PixelBox.Place(PixelBox.Pixels(fraction, images.size(2)), PixelBox.Pixels(fraction, images.size(3)), images, rng);
        return where(box.Mask(images), partners, images).MoveToOuterDisposeScope();
    }
}
