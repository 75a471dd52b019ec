using CobraAD.Validation;
using static TorchSharp.torch;

namespace CobraAD.Transforms.Hard;

/// <summary>λ x + (1 - λ) x', λ ~ Beta(α, α), with another image x' (paper, appendix D.1).</summary>
/// <remarks>
/// Beta(0.1, 0.1) is U-shaped: with probability 0.64 the result is within 1 % of one of the two images (decision "mixup's alpha"). The p-value
/// filter has to reject those; a larger α blends more.
/// </remarks>
internal sealed record Mixup : IMixingTransform
{
    /// <summary>Both parameters of the Beta distribution.</summary>
    /// <value>0.1 by default, 0.01 to 100.</value>
    public double Alpha { get; init; } = 0.1;

    /// <inheritdoc/>
    public string Name => "mixup";

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public void Validate() => OptionCheck.Require(Alpha, 0.01, 100);

    /// <summary>Mixes each image with another one of the batch, chosen at random; a batch of one is unchanged.</summary>
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
        Tensor weight = RandomDraw.PerImage(Weights(images.size(0), rng), images);
        // Unlike the sum of two rounded products, lerp stays between its ends.
        return images.lerp(partners, 1 - weight).MoveToOuterDisposeScope();
    }

    /// <summary>λ ~ Beta(α, α), [count].</summary>
    internal Tensor Weights(long count, Generator rng)
    {
        // λ = g / (g + g') with g, g' ~ Gamma(α), in logarithms: at α = 0.1 both gammas may underflow. Gamma(α) = Gamma(α + 1) · u^(1/α).
        return (LogGammaVariate() - LogGammaVariate()).sigmoid();

        Tensor LogGammaVariate()
        {
            Tensor shape = full([count], Alpha + 1, dtype: ScalarType.Float64);
            Tensor boosted = distributions.Gamma(shape, ones_like(shape), rng).sample();
            return boosted.log() + (1 - RandomDraw.Uniform(rng, count, 0, 1)).log() / Alpha;
        }
    }
}
