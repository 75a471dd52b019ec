using static TorchSharp.torch;

namespace CobraAD.Serialization.Tensors;

/// <summary>What a safetensors file holds. It owns its tensors.</summary>
/// <param name="Tensors">The tensors by name, on the CPU.</param>
/// <param name="Metadata">Free text by key.</param>
internal sealed record TensorBundle(IReadOnlyDictionary<string, Tensor> Tensors, IReadOnlyDictionary<string, string> Metadata) : IDisposable
{
    /// <summary>Disposes every tensor.</summary>
    public void Dispose()
    {
        foreach (Tensor tensor in Tensors.Values) tensor.Dispose();
    }
}
