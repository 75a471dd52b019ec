using CobraAD.Detection;
using CobraAD.PseudoAnomalies.Crafting;
using static TorchSharp.torch;

namespace CobraAD.Methods.Cobra;

/// <summary>
/// The transformation classifier C as a detector by itself (paper, Table 11): the score is -ℓ(C(x)), the negative log-likelihood of the
/// image's embedding under the mixture of the normal ones. Shows how much of COBRA's quality its filter brings along; it has no defence.
/// </summary>
/// <param name="generator">A generator fitted with its filter; the detector takes it over and disposes it.</param>
/// <param name="device">Where the generator's classifier is; the CPU when <see langword="null"/>.</param>
internal sealed class TransformationDetector(PseudoAnomalyGenerator generator, Device? device = null) : IAnomalyDetector
{
    private readonly PseudoAnomalyGenerator generator = generator is { Options.Filter: true }
        ? generator
        : throw new ArgumentException("The detector needs a generator with its filter: without it there is no classifier.", nameof(generator));

    /// <inheritdoc/>
    public string Name => "transformation classifier C, likelihood";

    /// <inheritdoc/>
    public Device Device { get; } = device ?? CPU;

    /// <inheritdoc/>
    /// <returns>float64 [B].</returns>
    public Tensor Score(Tensor images)
    {
        using Tensor likelihood = generator.LogLikelihood(images);
        return likelihood.neg();
    }

    /// <inheritdoc/>
    public void Dispose() => generator.Dispose();
}
