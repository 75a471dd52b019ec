namespace CobraAD.Export.Graph;

/// <summary>Writes a graph as a model file (ModelProto), following the public ONNX schema.</summary>
internal static class OnnxModel
{
    /// <summary>The operators' version. 17 is understood by every runtime since 2022.</summary>
    private const int OperatorSet = 17;

    private const int IntermediateRepresentation = 8;

    /// <summary>Protocol buffers end at 2 GiB.</summary>
    private const long LargestSize = int.MaxValue;

    /// <summary>Writes the model.</summary>
    /// <param name="stream">Where to, readable and seekable; stays open.</param>
    /// <param name="graph">The complete graph.</param>
    /// <param name="version">The library's version.</param>
    /// <param name="description">What the model is, for people.</param>
    /// <param name="metadata">What else is known about it.</param>
    /// <exception cref="InvalidOperationException">The model is larger than the format allows.</exception>
    public static void Write(Stream stream, OnnxGraph graph, string version, string description, IEnumerable<KeyValuePair<string, string>> metadata)
    {
        ProtoMessage content = graph.ToMessage();
        if (content.Size > LargestSize - (64 << 20))
            throw new InvalidOperationException($"The model takes {content.Size} bytes; an ONNX file holds at most 2 GiB. Train with a smaller bank or network.");

        ProtoMessage model = new ProtoMessage()
            .Add(1, IntermediateRepresentation)
            .Add(2, "CobraAD")
            .Add(3, version)
            .Add(6, description)
            .Add(7, content)
            .Add(8, new ProtoMessage().Add(1, "").Add(2, OperatorSet));
        foreach ((string key, string value) in metadata) model.Add(14, new ProtoMessage().Add(1, key).Add(2, value));
        long start = stream.Position;
        model.WriteTo(stream);
        OnnxSeal.Append(stream, start);
    }
}
