using CobraAD.Validation;
using static TorchSharp.torch;

namespace CobraAD.Transforms.Hard;

/// <summary>Enlarges a window at a random place to the whole image, bilinear (paper, appendix D.1; decision "crops").</summary>
internal sealed record IntenseRandomCrop : IImageTransform
{
    /// <summary>Smallest window as a fraction of the image.</summary>
    /// <value>0.5 by default.</value>
    public double MinSize { get; init; } = 0.5;

    /// <summary>Largest window as a fraction of the image.</summary>
    /// <value>0.8 by default.</value>
    public double MaxSize { get; init; } = 0.8;

    /// <summary>Whether the fraction is one of the sides or of the area.</summary>
    /// <value><see cref="CropMeasure.Side"/> by default.</value>
    public CropMeasure Measure { get; init; } = CropMeasure.Side;

    /// <inheritdoc/>
    public string Name => "intense-random-crop";

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
        long batch = images.size(0);

        Tensor size = RandomDraw.Uniform(rng, batch, MinSize, MaxSize);
        Tensor side = Measure == CropMeasure.Area ? size.sqrt() : size;
        Tensor centreX = (1 - side) * RandomDraw.Uniform(rng, batch, -1, 1), centreY = (1 - side) * RandomDraw.Uniform(rng, batch, -1, 1);
        return Resampling.Crop(images, side, side, centreX, centreY).MoveToOuterDisposeScope();
    }
}
