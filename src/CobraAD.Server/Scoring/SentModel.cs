using System.Text;
using CobraAD.Runtime;

namespace CobraAD.Server.Scoring;

/// <summary>
/// What a model that came over the network may be made of: what <c>cobra export</c> writes, and nothing that ONNX could do besides. A model can
/// name files to be read, loop for ever, and bring functions of its own.
/// </summary>
/// <remarks>
/// Field numbers of the public schema: Model{graph 7, training 20, functions 25}, Graph{node 1, initializer 5, sparse 15}, Node{op_type 4,
/// attribute 5, domain 7}, Attribute{t 5, g 6, tensors 10, graphs 11, sparse 22, 23}, Tensor{external_data 13, data_location 14}.
/// </remarks>
internal static class SentModel
{
    private const int DeepestGraph = 3;

    /// <summary>The operators that exports have. None repeats anything, and none makes much of little by itself.</summary>
    private static readonly HashSet<string> Operators =
    [
        "Abs", "Add", "And", "Cast", "Constant", "Conv", "ConvTranspose", "Div", "Equal", "Exp", "Flatten", "Floor", "Gather", "GatherElements", "Gemm",
        "GlobalAveragePool", "Greater", "Identity", "If", "MatMul", "Max", "MaxPool", "Mul", "Neg", "Pad", "Range", "ReduceSum", "Relu", "Reshape",
        "ScatterElements", "Shape", "Softmax", "Sqrt", "Squeeze", "Sub", "TopK", "Transpose", "Unsqueeze",
    ];

    /// <summary>Looks through a model's file without running it.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="ModelRejectedException">It has what no export has.</exception>
    public static void Check(string path)
    {
        try
        {
            ProtoFields model = new(File.ReadAllBytes(path));
            while (model.Next())
            {
                if (model.Number is 20 or 25) throw Refused("functions of its own");
                if (model.Number == 7) CheckGraph(model.Bytes, 0);
            }
        }
        catch (InvalidDataException exception)
        {
            throw new ModelRejectedException($"{path}: this is no ONNX model: it has {exception.Message}. Export it again.", exception);
        }

        ModelRejectedException Refused(string what) => new($"{path}: the model has {what}, which no model made by 'cobra export' has. Send what 'cobra export' wrote.");

        void CheckGraph(ReadOnlySpan<byte> message, int depth)
        {
            if (depth > DeepestGraph) throw Refused("graphs within graphs");
            ProtoFields graph = new(message);
            while (graph.Next())
            {
                switch (graph.Number)
                {
                    case 1: CheckNode(graph.Bytes, depth); break;
                    case 5: CheckTensor(graph.Bytes); break;
                    case 15: throw Refused("sparse tensors");
                }
            }
        }

        void CheckNode(ReadOnlySpan<byte> message, int depth)
        {
            ProtoFields node = new(message);
            while (node.Next())
            {
                switch (node.Number)
                {
                    case 4 when !Operators.Contains(Encoding.UTF8.GetString(node.Bytes)): throw Refused($"the operator '{Encoding.UTF8.GetString(node.Bytes)}'");
                    case 5: CheckAttribute(node.Bytes, depth); break;
                    case 7 when !node.Bytes.IsEmpty && !node.Bytes.SequenceEqual("ai.onnx"u8): throw Refused($"operators of '{Encoding.UTF8.GetString(node.Bytes)}'");
                }
            }
        }

        void CheckAttribute(ReadOnlySpan<byte> message, int depth)
        {
            ProtoFields attribute = new(message);
            while (attribute.Next())
            {
                switch (attribute.Number)
                {
                    case 5 or 10: CheckTensor(attribute.Bytes); break;
                    case 6 or 11: CheckGraph(attribute.Bytes, depth + 1); break;
                    case 22 or 23: throw Refused("sparse tensors");
                }
            }
        }

        void CheckTensor(ReadOnlySpan<byte> message)
        {
            ProtoFields tensor = new(message);
            while (tensor.Next())
            {
                if (tensor.Number == 13 || (tensor.Number == 14 && tensor.Value != 0)) throw Refused("weights in other files");
            }
        }
    }
}
