using CobraAD.Validation;
using static TorchSharp.torch;

namespace CobraAD.Transforms.Hard;

/// <summary>Adds independent Gaussian noise and clamps to [0, 1] (paper, appendix D.1).</summary>
internal sealed record Noise : IImageTransform
{
    /// <summary>Standard deviation of the noise.</summary>
    /// <value>0.1 by default, 0 to 1.</value>
    public double Sigma { get; init; } = 0.1;

    /// <inheritdoc/>
    public string Name => "noise";

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public void Validate() => OptionCheck.Require(Sigma, 0, 1);

    /// <inheritdoc/>
    public Tensor Apply(Tensor images, Generator rng)
    {
        Validate();
        using var scope = NewDisposeScope();
        Tensor noise = randn(images.shape, dtype: ScalarType.Float32, generator: rng).mul_(Sigma);
        return (images + noise.to(images.dtype).to(images.device)).clamp(0, 1).MoveToOuterDisposeScope();
    }
}
