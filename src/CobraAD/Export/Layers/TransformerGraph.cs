using CobraAD.Export.Graph;
using CobraAD.Networks.Transformer;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CobraAD.Export.Layers;

/// <summary>A vision transformer as operators. Tokens are rows, [B · T, width], so that every layer is one matrix product.</summary>
/// <param name="graph">The graph.</param>
/// <param name="weights">Where weights are put.</param>
/// <param name="network">The transformer.</param>
/// <param name="height">Height of the prepared images.</param>
/// <param name="width">Width of the prepared images.</param>
internal sealed class TransformerGraph(OnnxGraph graph, WeightStore weights, VisionTransformer network, int height, int width)
{
    private readonly int length = network.Options.Width;

    /// <summary>T, the class token included.</summary>
    public int Tokens { get; } = 1 + height / network.Options.PatchSize * (width / network.Options.PatchSize);

    /// <summary>What <see cref="VisionTransformer.Enter"/> gives.</summary>
    /// <param name="images">[B, 3, height, width] as the network takes them.</param>
    public OnnxValue Enter(OnnxValue images)
    {
        OnnxValue half = graph.Number(0.5f);
        (Tensor weight, Tensor bias, long side) = network.Patches.Window;
        OnnxValue grid = graph.Convolution(graph.Divide(graph.Subtract(images, half), half), weights.Weight(weight), weights.Exact(bias), side, side, 0);
        OnnxValue patches = graph.Transpose(graph.Reshape(grid, graph.Integers([0, length, Tokens - 1], [3])), 0, 2, 1);
        // The class token is a constant: it takes the place of a row of zeros, together with the positions.
        using Tensor start = network.Start(height / side, width / side);
        return Rows(graph.Add(graph.Pad(patches, [0, 1, 0], [0, 0, 0]), weights.Exact(start, "positions")));
    }

    /// <summary>A block.</summary>
    public OnnxValue Block(TransformerBlock block, OnnxValue rows)
    {
        OnnxValue attended = graph.Add(rows, Attention(block.First.Attention, Normalize(block.First.Norm, rows)));
        (Linear widening, Linear narrowing) = block.Second.Perceptron.Layers;
        return graph.Add(attended, Linear(narrowing, Gelu(Linear(widening, Normalize(block.Second.Norm, attended)))));
    }

    /// <summary>What <see cref="VisionTransformer.Leave"/> gives, [B, width].</summary>
    public OnnxValue Leave(OnnxValue rows) =>
        Normalize(network.Encoder.Norm, graph.Gather(graph.Reshape(rows, graph.Integers([-1, Tokens, length], [3])), graph.Number(0L), 1));

    private OnnxValue Attention(SelfAttention attention, OnnxValue rows)
    {
        long part = length / attention.Heads;
        OnnxValue projected = graph.Linear(rows, weights.Weight(attention.Projection.Weight), weights.Exact(attention.Projection.Bias));
        // [3, B, heads, T, part].
        OnnxValue all = graph.Transpose(graph.Reshape(projected, graph.Integers([-1, Tokens, 3, attention.Heads, part], [5])), 2, 0, 3, 1, 4);
        OnnxValue queries = graph.Gather(all, graph.Number(0L), 0), keys = graph.Gather(all, graph.Number(1L), 0), values = graph.Gather(all, graph.Number(2L), 0);
        OnnxValue products = graph.Multiply(graph.MatrixProduct(queries, graph.Transpose(keys, 0, 1, 3, 2)), graph.Number((float)(1 / Math.Sqrt(part))));
        OnnxValue mixed = graph.Transpose(graph.MatrixProduct(graph.Softmax(products, -1), values), 0, 2, 1, 3);
        return Linear(attention.Output, graph.Reshape(mixed, graph.Integers([-1, length], [2])));
    }

    private OnnxValue Normalize(LayerNorm norm, OnnxValue rows) => graph.LayerNormalization(rows, weights.Exact(norm.weight!), weights.Exact(norm.bias!), (float)TransformerBlock.NormFloor);

    private OnnxValue Linear(Linear layer, OnnxValue rows) => graph.Linear(rows, weights.Weight(layer.weight!), weights.Exact(layer.bias!));

    /// <summary>x Φ(x) = x (1 + erf(x/√2)) / 2.</summary>
    private OnnxValue Gelu(OnnxValue value)
    {
        OnnxValue error = graph.ErrorFunction(graph.Multiply(value, graph.Number((float)Math.Sqrt(0.5))));
        return graph.Multiply(graph.Multiply(value, graph.Add(error, graph.Number(1f))), graph.Number(0.5f));
    }

    private OnnxValue Rows(OnnxValue tokens) => graph.Flatten(tokens, 2);
}
