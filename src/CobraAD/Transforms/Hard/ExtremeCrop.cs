using CobraAD.Validation;
using static TorchSharp.torch;

namespace CobraAD.Transforms.Hard;

/// <summary>Enlarges the middle of the image to the whole image, bilinear (paper, appendix D.1; decision "crops").</summary>
internal sealed record ExtremeCrop : IImageTransform
{
    /// <summary>Smallest window as a fraction of the image.</summary>
    /// <value>0.4 by default.</value>
    public double MinSize { get; init; } = 0.4;

    /// <summary>Largest window as a fraction of the image.</summary>
    /// <value>0.6 by default.</value>
    public double MaxSize { get; init; } = 0.6;

    /// <summary>Whether the fraction is one of the sides or of the area.</summary>
    /// <value><see cref="CropMeasure.Side"/> by default.</value>
    public CropMeasure Measure { get; init; } = CropMeasure.Side;

    /// <inheritdoc/>
    public string Name => "extreme-crop";

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public void Validate()
    {
        OptionCheck.Require(MinSize, 0.01, 1);
        OptionCheck.Require(MaxSize, MinSize, 1);
    }

    /// <inheritdoc/>
    public Tensor Apply(Tensor images, Generator rng)
    {
        Validate();
        using var scope = NewDisposeScope();

        Tensor size = RandomDraw.Uniform(rng, images.size(0), MinSize, MaxSize);
        Tensor side = Measure == CropMeasure.Area ? size.sqrt() : size, middle = zeros_like(side);
        return Resampling.Crop(images, side, side, middle, middle).MoveToOuterDisposeScope();
    }
}
