using CobraAD.Transforms.Light;
using CobraAD.Validation;
using static TorchSharp.torch;

namespace CobraAD.Transforms.Hard;

/// <summary>The scar of the CutPaste method: a thin strip, its colours slightly changed, copied to another place and rotated.</summary>
/// <remarks>The method's sizes are pixels at 256; here they scale with the image's shorter side, and a strip is at least one pixel wide.</remarks>
internal sealed record Scar : IImageTransform
{
    /// <summary>Smallest width of the strip, in pixels at 256.</summary>
    /// <value>2 by default.</value>
    public double MinWidth { get; init; } = 2;

    /// <summary>Largest width of the strip, in pixels at 256.</summary>
    /// <value>16 by default.</value>
    public double MaxWidth { get; init; } = 16;

    /// <summary>Smallest length of the strip, in pixels at 256.</summary>
    /// <value>10 by default.</value>
    public double MinLength { get; init; } = 10;

    /// <summary>Largest length of the strip, in pixels at 256.</summary>
    /// <value>25 by default.</value>
    public double MaxLength { get; init; } = 25;

    /// <summary>Largest rotation in degrees, either way.</summary>
    /// <value>45 by default.</value>
    public double MaxAngle { get; init; } = 45;

    /// <inheritdoc/>
    public string Name => "scar";

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public void Validate()
    {
        OptionCheck.Require(MaxWidth, 0.1, 128);
        OptionCheck.Require(MinWidth, 0.1, MaxWidth);
        OptionCheck.Require(MaxLength, 0.1, 128);
        OptionCheck.Require(MinLength, 0.1, MaxLength);
        OptionCheck.Require(MaxAngle, 0, 180);
    }

    /// <inheritdoc/>
    public Tensor Apply(Tensor images, Generator rng)
    {
        Validate();
        using var scope = NewDisposeScope();
        long batch = images.size(0), height = images.size(2), width = images.size(3);

        double scale = Math.Min(height, width) / 256.0;
        Tensor halfWidth = RandomDraw.Uniform(rng, batch, MinWidth, MaxWidth).mul_(scale).clamp_min_(1).div_(2);
        Tensor halfLength = RandomDraw.Uniform(rng, batch, MinLength, MaxLength).mul_(scale).clamp_min_(2).div_(2);
        Tensor angle = RandomDraw.Uniform(rng, batch, -MaxAngle, MaxAngle).mul_(Math.PI / 180);
        Tensor cosine = OnGrid(angle.cos()), sine = OnGrid(angle.sin());

        // Pixel (i, j) seen from the target's centre, turned back into the strip's own axes.
        Tensor down = arange(height, dtype: images.dtype, device: images.device).reshape(1, -1, 1) - Centre(height);
        Tensor right = arange(width, dtype: images.dtype, device: images.device).reshape(1, 1, -1) - Centre(width);
        Tensor across = cosine * right + sine * down, along = cosine * down - sine * right;
        Tensor mask = across.abs().le(OnGrid(halfWidth)) & along.abs().le(OnGrid(halfLength));

        // A grid unit is half a side and 0 is the middle of the image.
        Tensor x = (across + Centre(width)) * (2.0 / width) + (1.0 / width - 1), y = (along + Centre(height)) * (2.0 / height) + (1.0 / height - 1);
        Tensor copy = Resampling.Sample(ColorJitter.Slight.Apply(images, rng), stack([x, y], 3));
        return where(mask.unsqueeze(1), copy, images).MoveToOuterDisposeScope();

        Tensor OnGrid(Tensor drawn) => drawn.to(images.dtype).to(images.device).reshape(-1, 1, 1);

        Tensor Centre(long side) => OnGrid(RandomDraw.Below(rng, batch, side));
    }
}
