namespace CobraAD.Serialization.Foreign;

/// <summary>An operator of an ONNX graph, with the attributes that tell a network's weights and strides.</summary>
/// <param name="Operation">Its name in the standard.</param>
/// <param name="Inputs">The names of its inputs; empty ones are left out.</param>
/// <param name="Outputs">The names of its outputs.</param>
internal sealed record OnnxNode(string Operation, IReadOnlyList<string> Inputs, IReadOnlyList<string> Outputs)
{
    /// <summary>Whole-number attributes by name.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<long>> Numbers { get; init; } = new Dictionary<string, IReadOnlyList<long>>();

    /// <summary>"epsilon" of a normalisation.</summary>
    public float? Epsilon { get; init; }

    /// <summary>The value of a Constant.</summary>
    public OnnxTensor? Value { get; init; }
}
