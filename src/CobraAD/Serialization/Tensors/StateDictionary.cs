using static TorchSharp.torch;

namespace CobraAD.Serialization.Tensors;

/// <summary>Copies named tensors into a network, all or nothing.</summary>
internal static class StateDictionary
{
    /// <summary>Loads every parameter and buffer of a network.</summary>
    /// <param name="module">The network to fill.</param>
    /// <param name="tensors">Tensors by the network's own names.</param>
    /// <param name="source">Where they come from, for the error message.</param>
    /// <exception cref="ModelFormatException">A name is missing or unknown, or a shape differs; nothing was copied.</exception>
    public static void Load(nn.Module module, IReadOnlyDictionary<string, Tensor> tensors, string source)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(tensors);
        Dictionary<string, Tensor> own = module.state_dict();
        List<string> problems =
        [
            .. own.Keys.Except(tensors.Keys).Select(name => $"{name} is missing"),
            .. tensors.Keys.Except(own.Keys).Select(name => $"{name} is unknown"),
            .. own.Where(pair => tensors.TryGetValue(pair.Key, out Tensor? found) && !pair.Value.shape.SequenceEqual(found.shape))
                .Select(pair => $"{pair.Key} is [{string.Join(", ", tensors[pair.Key].shape)}], expected [{string.Join(", ", pair.Value.shape)}]"),
        ];
        if (problems.Count > 0)
        {
            string more = problems.Count > 5 ? $" and {problems.Count - 5} more" : "";
            throw new ModelFormatException($"{source}: the weights do not fit the network: {string.Join("; ", problems.Take(5))}{more}. The file was made for another architecture or other options.");
        }

        using IDisposable frozen = no_grad();
        foreach ((string name, Tensor value) in own) value.copy_(tensors[name]);
    }
}
