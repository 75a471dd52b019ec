using CobraAD.Export.Graph;
using CobraAD.Networks.Residual;
using TorchSharp.Modules;

namespace CobraAD.Export.Layers;

/// <summary>A folded network as operators.</summary>
internal sealed class NetworkGraph(OnnxGraph graph, WeightStore weights)
{
    private readonly SmallMapGraph small = new(graph, weights);
    private readonly WinogradGraph winograd = new(graph, weights);

    /// <summary>The encoder F.</summary>
    /// <param name="encoder">A folded network.</param>
    /// <param name="images">[B, 3, height, width] in [0, 1].</param>
    /// <param name="height">Height of the images.</param>
    /// <param name="width">Width of the images.</param>
    /// <returns>[B, feature size].</returns>
    public OnnxValue Features(ResNet encoder, OnnxValue images, int height, int width)
    {
        Map map = encoder.Blocks.Aggregate(Stem(encoder, images, height, width), (input, block) => Block(input, block));
        return map.IsRows ? small.GlobalAverage(map.Value, map.Height * map.Width, encoder.FeatureSize) : graph.GlobalAverage(map.Value);
    }

    /// <summary>The maps after some of the stages.</summary>
    /// <param name="encoder">A folded network.</param>
    /// <param name="images">[B, 3, height, width] in [0, 1].</param>
    /// <param name="height">Height of the images.</param>
    /// <param name="width">Width of the images.</param>
    /// <param name="stages">Which stages, counted from 1, ascending.</param>
    public IReadOnlyList<FeatureMap> Maps(ResNet encoder, OnnxValue images, int height, int width, IReadOnlyList<int> stages)
    {
        Map map = Stem(encoder, images, height, width);
        List<FeatureMap> maps = [];
        for (int stage = 1; stage <= stages[^1]; stage++)
        {
            map = encoder.Stages[stage - 1].Aggregate(map, (input, block) => Block(input, block, mayBeRows: false));
            if (stages.Contains(stage)) maps.Add(new FeatureMap(map.Value, (int)encoder.Stages[stage - 1][^1].Path[^1].Convolution.out_channels, map.Height, map.Width));
        }

        return maps;
    }

    /// <summary>What <see cref="ResNet.Stem"/> gives.</summary>
    /// <param name="encoder">A folded network.</param>
    /// <param name="images">As the network takes them.</param>
    public FeatureMap Stem(ResNet encoder, FeatureMap images) =>
        Named(Stem(encoder, images.Value, images.Height, images.Width), (int)encoder.First.Convolution.out_channels);

    /// <summary>A residual block, folded or not.</summary>
    public FeatureMap Block(ResidualBlock block, FeatureMap map) =>
        Named(Block(new Map(map.Value, map.Height, map.Width, IsRows: false), block, mayBeRows: false), (int)block.Path[^1].Convolution.out_channels);

    /// <summary>A convolution, folded or not, and what may follow it.</summary>
    /// <param name="unit">The convolution, in evaluation mode.</param>
    /// <param name="map">Its input.</param>
    /// <param name="activate">Whether a ReLU follows.</param>
    public FeatureMap Convolve(ConvolutionUnit unit, FeatureMap map, bool activate)
    {
        Map output = Convolve(unit, new Map(map.Value, map.Height, map.Width, IsRows: false));
        return Named(activate ? Relu(output) : output, (int)unit.Convolution.out_channels);
    }

    /// <summary>A fully connected layer.</summary>
    public OnnxValue Linear(Linear layer, OnnxValue input) => graph.Linear(input, weights.Weight(layer.weight!), weights.Exact(layer.bias!));

    private Map Stem(ResNet encoder, OnnxValue images, int height, int width)
    {
        OnnxValue half = graph.Number(0.5f);
        Map map = Relu(Convolve(encoder.First, new Map(graph.Divide(graph.Subtract(images, half), half), height, width, IsRows: false)));
        return encoder.Options.Stem == ResNetStem.ImageNet ? new Map(graph.MaxPool(map.Value, 3, 2, 1), (map.Height + 1) / 2, (map.Width + 1) / 2, IsRows: false) : map;
    }

    private Map Block(Map input, ResidualBlock block, bool mayBeRows = true)
    {
        // The stride makes the map small within the block: its whole path goes the same way.
        (int height, int width) = block.Path.Aggregate((input.Height, input.Width), (size, unit) => unit.OutputSize(size.Height, size.Width));
        if (mayBeRows && !input.IsRows && block.Path[0].Convolution.groups == 1 && height * width <= SmallMapGraph.LargestMap) input = input with { Value = small.Rows(input.Value, input.Height, input.Width), IsRows = true };
        Map path = input;
        for (int i = 0; i < block.Path.Count; i++) path = Convolve(block.Path[i], i == 0 ? input : Relu(path));
        Map shortcut = block.Projection is { } projection ? Convolve(projection, input) : input;
        return Relu(path with { Value = graph.Add(path.Value, shortcut.Value) });
    }

    private static FeatureMap Named(Map map, int channels) => new(map.Value, channels, map.Height, map.Width);

    private Map Relu(Map map) => map with { Value = graph.Relu(map.Value) };

    private Map Convolve(ConvolutionUnit unit, Map input)
    {
        if (unit.Normalization is not null && unit.Fold() is var folded)
        {
            using Conv2d own = folded.Convolution;
            return Convolve(folded, input);
        }

        (int height, int width) = unit.OutputSize(input.Height, input.Width);
        OnnxValue output = input.IsRows ? small.Convolve(unit, input.Value, input.Height, input.Width)
            : WinogradGraph.Suits(unit) && input.Height * input.Width <= WinogradGraph.LargestMap ? winograd.Convolve(unit, input.Value, input.Height, input.Width)
            : Convolution(unit.Convolution, input.Value);
        return new Map(output, height, width, input.IsRows);
    }

    private OnnxValue Convolution(Conv2d convolution, OnnxValue input)
    {
        OnnxValue bias = convolution.bias is { } own ? weights.Exact(own) : graph.Floats(new float[convolution.out_channels], [convolution.out_channels]);
        return graph.Convolution(input, weights.Weight(convolution.weight), bias, convolution.kernel_size[0], convolution.stride[0], convolution.padding![0], convolution.groups);
    }

    /// <param name="Value">[B, channels, height, width], or [B · height · width, channels].</param>
    /// <param name="Height">Its height.</param>
    /// <param name="Width">Its width.</param>
    /// <param name="IsRows">Whether it is in the form of <see cref="SmallMapGraph"/>.</param>
    private readonly record struct Map(OnnxValue Value, int Height, int Width, bool IsRows);
}
