using CobraAD.Networks;
using TorchSharp.Modules;

namespace CobraAD.Serialization.Onnx;

/// <summary>A folded network as operators.</summary>
internal sealed class NetworkGraph(OnnxGraph graph, WeightStore weights)
{
    /// <summary>The encoder F.</summary>
    /// <param name="encoder">A folded network.</param>
    /// <param name="images">[B, 3, H, W] in [0, 1].</param>
    /// <returns>[B, feature size].</returns>
    public OnnxValue Features(ResNet encoder, OnnxValue images)
    {
        OnnxValue half = graph.Number(0.5f);
        OnnxValue map = graph.Relu(Convolve(encoder.First, graph.Divide(graph.Subtract(images, half), half)));
        if (encoder.Options.Stem == ResNetStem.ImageNet) map = graph.MaxPool(map, 3, 2, 1);
        return graph.GlobalAverage(encoder.Blocks.Aggregate(map, Block));
    }

    /// <summary>The projection head G.</summary>
    public OnnxValue Embeddings(ProjectionHead head, OnnxValue features)
    {
        (Linear hidden, Linear output) = head.Layers;
        return Linear(output, graph.Relu(Linear(hidden, features)));
    }

    /// <summary>A fully connected layer.</summary>
    public OnnxValue Linear(Linear layer, OnnxValue input) => graph.Linear(input, weights.Weight(layer.weight!), weights.Exact(layer.bias!));

    private OnnxValue Block(OnnxValue input, ResidualBlock block)
    {
        OnnxValue path = input;
        for (int i = 0; i < block.Path.Count; i++) path = Convolve(block.Path[i], i == 0 ? input : graph.Relu(path));
        OnnxValue shortcut = block.Projection is { } projection ? Convolve(projection, input) : input;
        return graph.Relu(graph.Add(path, shortcut));
    }

    private OnnxValue Convolve(ConvolutionUnit unit, OnnxValue input)
    {
        Conv2d convolution = unit.Convolution;
        return graph.Convolution(
            input, weights.Weight(convolution.weight), weights.Exact(convolution.bias!), convolution.kernel_size[0], convolution.stride[0], convolution.padding![0]);
    }
}
