using CobraAD.Validation;
using static TorchSharp.torch;

namespace CobraAD.Transforms.Hard;

/// <summary>Gaussian blur with borders reflected (paper, appendix D.1). It has no random parameter.</summary>
/// <remarks>
/// The kernel is the largest odd number of pixels up to <see cref="KernelFraction"/> of the width and at least 3 (decision
/// "borders and sizes of hard transforms"): 3 at 32 pixels, where the literal 5 % would be the identity, and 11 at 224.
/// </remarks>
internal sealed record ExtremeBlur : IImageTransform
{
    /// <summary>Kernel size as a fraction of the width.</summary>
    /// <value>0.05 by default, up to 0.5.</value>
    public double KernelFraction { get; init; } = 0.05;

    /// <summary>Standard deviation of the Gaussian in pixels.</summary>
    /// <value>2.5 by default.</value>
    public double Sigma { get; init; } = 2.5;

    /// <inheritdoc/>
    public string Name => "extreme-blur";

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public void Validate()
    {
        OptionCheck.Require(KernelFraction, 0, 0.5);
        OptionCheck.Require(Sigma, 0.1, 1000);
    }

    /// <inheritdoc/>
    public Tensor Apply(Tensor images, Generator rng)
    {
        Validate();
        using var scope = NewDisposeScope();
        Tensor kernel = GaussianBlur.Kernel(Radius(images.size(3)), Sigma);
        return UnitInterval.Trim(GaussianBlur.Apply(images, kernel)).MoveToOuterDisposeScope();
    }

    /// <summary>Pixels on either side of the kernel's centre: the kernel has 2 radius + 1.</summary>
    internal int Radius(long width) => Math.Max(1, ((int)(KernelFraction * width) - 1) / 2);
}
