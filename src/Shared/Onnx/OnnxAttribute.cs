namespace CobraAD.Export.Graph;

/// <summary>A fixed setting of a node (AttributeProto).</summary>
internal sealed class OnnxAttribute
{
    private OnnxAttribute(ProtoMessage message) => Message = message;

    public ProtoMessage Message { get; }

    public static OnnxAttribute Integer(string name, long value) => new(Start(name).Add(3, value).Add(20, 2));

    public static OnnxAttribute Number(string name, float value) => new(Start(name).Add(2, value).Add(20, 1));

    public static OnnxAttribute Text(string name, string value) => new(Start(name).Add(4, value).Add(20, 3));

    public static OnnxAttribute Integers(string name, params ReadOnlySpan<long> values)
    {
        ProtoMessage message = Start(name);
        foreach (long value in values) message.Add(8, value);
        return new OnnxAttribute(message.Add(20, 7));
    }

    public static OnnxAttribute Graph(string name, OnnxGraph graph) => new(Start(name).Add(6, graph.ToMessage()).Add(20, 5));

    private static ProtoMessage Start(string name) => new ProtoMessage().Add(1, name);
}
