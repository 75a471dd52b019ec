using System.Runtime.InteropServices;

namespace CobraAD.Export.Graph;

/// <summary>
/// An ONNX graph that is built node by node (GraphProto). Names are made here, so they cannot clash; every value knows its element
/// type, so that a node that mixes types fails where it is written and not when the model is loaded.
/// </summary>
internal sealed class OnnxGraph
{
    private readonly OnnxGraph? parent;
    private readonly bool keepsConstants;
    private readonly string name;
    private readonly List<ProtoMessage> nodes = [];
    private readonly List<ProtoMessage> initializers = [];
    private readonly List<ProtoMessage> inputs = [];
    private readonly List<ProtoMessage> outputs = [];
    private int made;

    public OnnxGraph(string name) => this.name = name;

    private OnnxGraph(string name, OnnxGraph parent, bool keepsConstants)
        : this(name) => (this.parent, this.keepsConstants) = (parent, keepsConstants);

    private OnnxGraph Root => parent?.Root ?? this;

    /// <summary>The graph that holds the constants of this one.</summary>
    private OnnxGraph Keeper => keepsConstants || parent is null ? this : parent.Keeper;

    /// <summary>A graph for one branch of an If; it sees the values of this graph.</summary>
    public OnnxGraph Branch(string branch) => new(branch, this, keepsConstants: false);

    /// <summary>
    /// A graph that runs again and again; it sees the values of this graph. It holds its constants itself: ONNX Runtime arranges weights for its
    /// fastest convolutions only where they lie in the same graph.
    /// </summary>
    public OnnxGraph Body(string body) => new(body, this, keepsConstants: true);

    /// <summary>Declares an input.</summary>
    /// <param name="input">Its name.</param>
    /// <param name="type">Its element type.</param>
    /// <param name="meaning">What to feed, for people who open the model.</param>
    /// <param name="shape">Sizes: a number, or a name for a size that may vary.</param>
    public OnnxValue Input(string input, OnnxType type, string meaning, params ReadOnlySpan<string> shape)
    {
        inputs.Add(Declaration(input, type, meaning, shape));
        return new OnnxValue(input, type);
    }

    /// <summary>Declares an input that may be left out: it is then a given number.</summary>
    public OnnxValue OptionalInput(string input, double value, string meaning)
    {
        OnnxValue declared = Input(input, OnnxType.Double, meaning);
        AddInitializer(input, OnnxType.Double, [], MemoryMarshal.AsBytes<double>(new[] { value }).ToArray());
        return declared;
    }

    /// <summary>Declares a switch that is off unless it is given.</summary>
    public OnnxValue Switch(string input, string meaning)
    {
        OnnxValue declared = Input(input, OnnxType.Bool, meaning);
        AddInitializer(input, OnnxType.Bool, [], new byte[1]);
        return declared;
    }

    /// <summary>Names a value as an output; its name in the graph becomes the given one.</summary>
    public void Output(string output, OnnxValue value, string meaning, params ReadOnlySpan<string> shape)
    {
        Emit("Identity", [value], [output]);
        outputs.Add(Declaration(output, value.Type, meaning, shape));
    }

    /// <summary>Makes a value what a branch of an If gives.</summary>
    public void Result(OnnxValue value) => outputs.Add(new ProtoMessage()
        .Add(1, value.Name)
        .Add(2, new ProtoMessage().Add(1, new ProtoMessage().Add(1, (long)value.Type))));

    /// <summary>A fixed tensor.</summary>
    /// <param name="type">Its element type.</param>
    /// <param name="shape">Its shape; empty for a scalar.</param>
    /// <param name="data">Its elements, little-endian; not copied.</param>
    /// <param name="label">What its name begins with.</param>
    public OnnxValue Constant(OnnxType type, ReadOnlySpan<long> shape, ReadOnlyMemory<byte> data, string label = "constant")
    {
        string constant = NewName(label);
        Keeper.AddInitializer(constant, type, shape, data);
        return new OnnxValue(constant, type);
    }

    /// <summary>Adds a node with one output.</summary>
    /// <param name="operation">The operator's name in the ONNX standard.</param>
    /// <param name="type">Element type of the output.</param>
    /// <param name="operands">Its inputs.</param>
    /// <param name="attributes">Its settings.</param>
    public OnnxValue Node(string operation, OnnxType type, ReadOnlySpan<OnnxValue> operands, params ReadOnlySpan<OnnxAttribute> attributes)
    {
        string output = NewName(operation);
        Emit(operation, operands, [output], attributes);
        return new OnnxValue(output, type);
    }

    /// <summary>Adds a node with two outputs.</summary>
    public (OnnxValue First, OnnxValue Second) Node(
        string operation, OnnxType first, OnnxType second, ReadOnlySpan<OnnxValue> operands, params ReadOnlySpan<OnnxAttribute> attributes)
    {
        string one = NewName(operation);
        string other = NewName(operation);
        Emit(operation, operands, [one, other], attributes);
        return (new OnnxValue(one, first), new OnnxValue(other, second));
    }

    /// <summary>The graph as a message; build it completely first.</summary>
    public ProtoMessage ToMessage()
    {
        ProtoMessage graph = new();
        foreach (ProtoMessage node in nodes) graph.Add(1, node);
        graph.Add(2, name);
        foreach (ProtoMessage initializer in initializers) graph.Add(5, initializer);
        foreach (ProtoMessage input in inputs) graph.Add(11, input);
        foreach (ProtoMessage output in outputs) graph.Add(12, output);
        return graph;
    }

    private string NewName(string label) => $"{label}_{Root.made++}";

    private void Emit(string operation, ReadOnlySpan<OnnxValue> operands, ReadOnlySpan<string> results, params ReadOnlySpan<OnnxAttribute> attributes)
    {
        ProtoMessage node = new();
        foreach (OnnxValue operand in operands) node.Add(1, operand.Name);
        foreach (string result in results) node.Add(2, result);
        node.Add(3, results[0]).Add(4, operation);
        foreach (OnnxAttribute attribute in attributes) node.Add(5, attribute.Message);
        nodes.Add(node);
    }

    private void AddInitializer(string initializer, OnnxType type, ReadOnlySpan<long> shape, ReadOnlyMemory<byte> data)
    {
        ProtoMessage tensor = new();
        foreach (long size in shape) tensor.Add(1, size);
        initializers.Add(tensor.Add(2, (long)type).Add(8, initializer).Add(9, data));
    }

    private static ProtoMessage Declaration(string value, OnnxType type, string meaning, ReadOnlySpan<string> shape)
    {
        ProtoMessage dimensions = new();
        foreach (string size in shape)
            dimensions.Add(1, long.TryParse(size, out long known) ? new ProtoMessage().Add(1, known) : new ProtoMessage().Add(2, size));
        ProtoMessage tensor = new ProtoMessage().Add(1, (long)type).Add(2, dimensions);
        return new ProtoMessage().Add(1, value).Add(2, new ProtoMessage().Add(1, tensor)).Add(3, meaning);
    }
}

/// <summary>A tensor that flows through a graph: what a node makes and others take.</summary>
/// <param name="Name">Its name, unique in the model.</param>
/// <param name="Type">Type of its elements.</param>
internal readonly record struct OnnxValue(string Name, OnnxType Type);
