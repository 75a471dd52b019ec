using CobraAD.Export.Graph;
using CobraAD.Export.Layers;
using CobraAD.Methods.Common;
using CobraAD.Methods.ReContrast;
using CobraAD.Networks.Residual;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CobraAD.Export.Detectors;

/// <summary>A ReContrast detector as operators: encoders, bottleneck and decoder in float32, the map of <see cref="ReContrastMap"/> in float64.</summary>
internal sealed class ReContrastGraph
{
    private readonly OnnxGraph graph;
    private readonly WeightStore weights;
    private readonly NetworkGraph layers;

    private ReContrastGraph(OnnxGraph graph, WeightStore weights)
    {
        this.graph = graph;
        this.weights = weights;
        layers = new NetworkGraph(graph, weights);
    }

    /// <inheritdoc cref="MethodGraph.Score"/>
    public static DetectorNodes Score(OnnxGraph graph, WeightStore weights, ReContrastDetector detector, OnnxValue images, int height, int width)
    {
        ReContrastOptions options = detector.Card.Options;
        FeatureMap prepared = new BackboneGraph(graph, weights, detector.Backbone).Prepare(images, height, width);
        OnnxValue map = new ReContrastGraph(graph, weights).Map(detector, prepared, options.Sigma);
        OnnxValue score = graph.Squeeze(graph.Largest(graph.Flatten(map, 1), 1).Values, 1);
        ShownWindow shown = ShownWindow.Of(options.Backbone, height, width);
        return DetectorNodes.WithoutBank(graph, score, branch =>
            branch.Squeeze(MapGraph.Place(branch, shown, branch.Cast(map, OnnxType.Float), prepared.Height, prepared.Width, height, width), 1));
    }

    /// <summary>M, float64 [B, 1, height, width].</summary>
    private OnnxValue Map(ReContrastDetector detector, FeatureMap prepared, double sigma)
    {
        (ResNet frozenNetwork, ResNet trainedNetwork) = detector.Encoders;
        IReadOnlyList<FeatureMap> frozen = Maps(frozenNetwork), trained = Maps(trainedNetwork);
        FeatureMap[] both = [.. trained.Zip(frozen, (own, other) => own with { Value = graph.Concatenate([own.Value, other.Value], 0) })];
        FeatureMap decoded = Code(detector.Network.Bottleneck, both);
        ReContrastDecoder decoder = detector.Network.Decoder;
        (int radius, double deviation) = ReContrastMap.Blur(prepared.Height, prepared.Width, frozen[0].Height, sigma);
        AxisMatrix down = AxisMatrix.Blur(prepared.Height, radius, deviation), along = AxisMatrix.Blur(prepared.Width, radius, deviation);
        OnnxValue? sum = null;
        for (int stage = 0; stage < decoder.Stages.Count; stage++)
        {
            decoded = decoder.Stages[stage].Aggregate(decoded, (map, block) => block is UpsamplingBlock doubling ? Double(doubling, map) : layers.Block((ResidualBlock)block, map));
            // The decoder goes from coarse to fine.
            int level = decoder.Stages.Count - 1 - stage;
            FeatureMap own = frozen[level];
            (OnnxValue first, OnnxValue second) = graph.Halves(decoded.Value, 0);
            OnnxValue distance = graph.Add(
                Distance(own.Value, Head(decoder.Heads[stage].Frozen, own with { Value = first })),
                Distance(trained[level].Value, Head(decoder.Heads[stage].Trained, own with { Value = second })));
            // Enlarging and blurring are one linear map along each axis.
            OnnxValue term = AxisMatrix.Apply(
                graph, distance, down.After(AxisMatrix.Enlarge(own.Height, prepared.Height)), along.After(AxisMatrix.Enlarge(own.Width, prepared.Width)));
            sum = sum is { } before ? graph.Add(before, term) : term;
        }

        return sum!.Value;

        IReadOnlyList<FeatureMap> Maps(ResNet network) => layers.Maps(network, prepared.Value, prepared.Height, prepared.Width, [.. Enumerable.Range(1, ReContrastNetwork.Stages)]);
    }

    private FeatureMap Code(ReContrastBottleneck bottleneck, FeatureMap[] maps)
    {
        FeatureMap first = layers.Convolve(bottleneck.Units[1], layers.Convolve(bottleneck.Units[0], maps[0], activate: true), activate: true);
        FeatureMap second = layers.Convolve(bottleneck.Units[2], maps[1], activate: true);
        FeatureMap together = maps[2] with { Value = graph.Concatenate([first.Value, second.Value, maps[2].Value], 1), Channels = 3 * maps[2].Channels };
        return bottleneck.Stage.Aggregate(together, (map, block) => layers.Block(block, map));
    }

    private FeatureMap Double(UpsamplingBlock block, FeatureMap input)
    {
        FeatureMap map = block.Narrowing is { } narrowing ? layers.Convolve(narrowing, input, activate: true) : input;
        map = Double(block.Doubling, map);
        map = layers.Convolve(block.Last, map with { Value = graph.Relu(map.Value) }, activate: false);
        return map with { Value = graph.Relu(graph.Add(map.Value, Double(block.Shortcut, input).Value)) };
    }

    /// <summary>A transposed convolution with its normalisation folded in, as <see cref="ConvolutionUnit.FoldInto"/> does; its outputs are the weights' second dimension.</summary>
    private FeatureMap Double((ConvTranspose2d Convolution, BatchNorm2d Normalization) layer, FeatureMap map)
    {
        using DisposeScope scope = NewDisposeScope();
        BatchNorm2d norm = layer.Normalization;
        Tensor scale = norm.weight!.to(ScalarType.Float64) / (norm.running_var!.to(ScalarType.Float64) + norm.eps).sqrt();
        Tensor weight = layer.Convolution.weight.to(ScalarType.Float64) * scale.view(1, -1, 1, 1);
        Tensor bias = (norm.bias!.to(ScalarType.Float64) - norm.running_mean!.to(ScalarType.Float64) * scale).view(1, -1, 1, 1);
        OnnxValue doubled = graph.TransposedConvolution(map.Value, weights.Weight(weight), 2, 2, 0, 0, 0);
        return new FeatureMap(graph.Add(doubled, weights.Exact(bias)), (int)weight.size(1), 2 * map.Height, 2 * map.Width);
    }

    private OnnxValue Head(Conv2d convolution, FeatureMap map) => layers.Convolve(new ConvolutionUnit(convolution, null), map, activate: false).Value;

    /// <summary>½ ‖a/‖a‖ - b/‖b‖‖² at every place, float64 [B, 1, h, w].</summary>
    private OnnxValue Distance(OnnxValue encoded, OnnxValue decoded)
    {
        OnnxValue difference = graph.Subtract(Direction(encoded), Direction(decoded));
        return graph.Cast(graph.Divide(graph.Sum(graph.Multiply(difference, difference), 1, keep: true), graph.Number(2f)), OnnxType.Double);
    }

    private OnnxValue Direction(OnnxValue map) => graph.Divide(
        map, graph.SquareRoot(graph.Add(graph.Sum(graph.Multiply(map, map), 1, keep: true), graph.Number((float)MapPair.Floor))));
}
