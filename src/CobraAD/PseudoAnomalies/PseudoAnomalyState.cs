using CobraAD.PseudoAnomalies.Crafting;
using static TorchSharp.torch;

namespace CobraAD.PseudoAnomalies;

/// <summary>Everything a <see cref="PseudoAnomalyGenerator"/> consists of. It owns its tensors.</summary>
/// <param name="Record">Options, health and statistics.</param>
/// <param name="Tensors">Classifier, mixture and reference likelihoods by name, on the CPU; empty without the filter.</param>
internal sealed record PseudoAnomalyState(PseudoAnomalyRecord Record, IReadOnlyDictionary<string, Tensor> Tensors) : IDisposable
{
    /// <summary>Disposes every tensor.</summary>
    public void Dispose()
    {
        foreach (Tensor tensor in Tensors.Values) tensor.Dispose();
    }
}
