using CobraAD.Export.Graph;
using CobraAD.Methods.Ocsdf;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CobraAD.Export.Detectors;

/// <summary>An OCSDF detector as operators, as <see cref="LipschitzPass"/> computes it.</summary>
internal static class LipschitzGraph
{
    /// <inheritdoc cref="MethodGraph.Score"/>
    public static DetectorNodes Score(OnnxGraph graph, WeightStore weights, OcsdfDetector detector, OnnxValue images, int height, int width)
    {
        OcsdfOptions options = detector.Card.Options;
        IReadOnlyList<(Tensor Kernel, Tensor Bias)> convolutions = detector.Network.Convolutions;
        OnnxValue map = graph.Subtract(graph.Multiply(images, graph.Number((float)LipschitzPass.InputScale)), graph.Number(1f));
        int next = 0;
        for (int block = 0; block < options.Depths.Count; block++)
        {
            if (block > 0) (map, height, width) = Halve(graph, map, height, width);
            for (int i = 0; i < options.Depths[block]; i++)
            {
                (Tensor kernel, Tensor bias) = convolutions[next++];
                map = MaxMin(graph, graph.Convolution(map, weights.Weight(kernel), weights.Exact(bias), 3, 1, 1), options.Widths[block]);
            }
        }

        OnnxValue features = options.PoolsGlobally
            ? graph.Multiply(graph.GlobalAverage(map), graph.Number((float)Math.Sqrt((double)height * width)))
            : graph.Flatten(map, 1);
        Linear unit = detector.Network.Unit;
        OnnxValue distance = graph.Squeeze(graph.Linear(features, weights.Weight(unit.weight!), weights.Exact(unit.bias!)), 1);
        return DetectorNodes.WithoutBank(graph, graph.Negate(graph.Cast(distance, OnnxType.Double)));
    }

    private static OnnxValue MaxMin(OnnxGraph graph, OnnxValue map, long channels)
    {
        OnnxValue first = graph.Slice(map, [0], [channels / 2], [1]), second = graph.Slice(map, [channels / 2], [channels], [1]);
        return graph.Concatenate([graph.Maximum(first, second), graph.Minimum(first, second)], 1);
    }

    private static (OnnxValue Map, int Height, int Width) Halve(OnnxGraph graph, OnnxValue map, int height, int width)
    {
        OnnxValue even = height % 2 + width % 2 == 0 ? map : graph.Pad(map, [0, 0, 0, 0], [0, 0, height % 2, width % 2]);
        return (graph.Multiply(graph.MeanOfFours(even), graph.Number(2f)), (height + 1) / 2, (width + 1) / 2);
    }
}
