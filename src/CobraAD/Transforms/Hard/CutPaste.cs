using CobraAD.Validation;
using static TorchSharp.torch;

namespace CobraAD.Transforms.Hard;

/// <summary>Copies a square of the image to another place of the same image (paper, appendix D.1; decision D20).</summary>
internal sealed record CutPaste : IImageTransform
{
    /// <summary>Smallest side of the square as a fraction of the width.</summary>
    /// <value>0.1 by default.</value>
    public double MinSide { get; init; } = 0.1;

    /// <summary>Largest side of the square as a fraction of the width.</summary>
    /// <value>0.5 by default, at most 0.9 so that there is another place to go.</value>
    public double MaxSide { get; init; } = 0.5;

    /// <inheritdoc/>
    public string Name => "cutpaste";

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public void Validate()
    {
        OptionCheck.Require(MinSide, 0, 0.9);
        OptionCheck.Require(MaxSide, MinSide, 0.9);
    }

    /// <inheritdoc/>
    public Tensor Apply(Tensor images, Generator rng)
    {
        Validate();
        using var scope = NewDisposeScope();
        long batch = images.size(0), height = images.size(2), width = images.size(3);

        Tensor side = PixelBox.Pixels(RandomDraw.Uniform(rng, batch, MinSide, MaxSide), width).clamp_max(Math.Min(height, width) - 1);
        // Places are numbered row by row; the target is uniform among all places but the source's.
        Tensor across = width + 1 - side, places = (height + 1 - side) * across;
        Tensor source = RandomDraw.Below(rng, places);
        Tensor target = (source + 1 + RandomDraw.Below(rng, places - 1)).remainder(places);
        PixelBox box = new(target.div(across, RoundingMode.floor), target.remainder(across), side, side);
        Tensor down = source.div(across, RoundingMode.floor) - box.Top, right = source.remainder(across) - box.Left;

        Tensor inside = box.Mask(images).squeeze(1).to(ScalarType.Int64);
        Tensor rows = PixelMap.Rows(images) + inside * PixelMap.PerImage(down, images);
        Tensor columns = PixelMap.Columns(images) + inside * PixelMap.PerImage(right, images);
        return PixelMap.Gather(images, rows, columns).MoveToOuterDisposeScope();
    }
}
