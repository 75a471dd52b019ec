using CobraAD.Export.Graph;
using CobraAD.Export.Layers;
using CobraAD.Methods.Draem;
using CobraAD.Networks.Residual;

namespace CobraAD.Export.Detectors;

/// <summary>A DRAEM detector as operators: both U-Nets in float32, and in float64 what <see cref="DraemDetector"/> makes of their logits.</summary>
internal sealed class DraemGraph
{
    private readonly OnnxGraph graph;
    private readonly NetworkGraph layers;

    private DraemGraph(OnnxGraph graph, WeightStore weights)
    {
        this.graph = graph;
        layers = new NetworkGraph(graph, weights);
    }

    /// <inheritdoc cref="MethodGraph.Score"/>
    public static DetectorNodes Score(OnnxGraph graph, WeightStore weights, DraemDetector detector, OnnxValue images, int height, int width)
    {
        DraemGraph networks = new(graph, weights);
        OnnxValue reconstructed = networks.Pass(detector.Network.Reconstruction, new FeatureMap(images, 3, height, width));
        OnnxValue logits = graph.Cast(
            networks.Pass(detector.Network.Segmentation, new FeatureMap(graph.Concatenate([reconstructed, images], 1), 6, height, width)), OnnxType.Double);
        OnnxValue odds = graph.Subtract(graph.Gather(logits, graph.Number(1L), 1), graph.Gather(logits, graph.Number(0L), 1));
        // Of large negative odds e^-odds is infinite and the quotient 0, as it should be.
        OnnxValue one = graph.Number(1.0), probabilities = graph.Divide(one, graph.Add(one, graph.Exponential(graph.Negate(odds))));
        int side = detector.WindowFor(height, width);
        OnnxValue averaged = AxisMatrix.Apply(graph, probabilities, AxisMatrix.Window(height, side), AxisMatrix.Window(width, side));
        OnnxValue score = graph.Squeeze(graph.Largest(graph.Flatten(averaged, 1), 1).Values, 1);
        return DetectorNodes.WithoutBank(graph, score, branch => branch.Cast(probabilities, OnnxType.Float));
    }

    private OnnxValue Pass(DraemUNet network, FeatureMap input)
    {
        List<FeatureMap> maps = [Pair(network.Down[0], input)];
        foreach (ConvolutionPair pair in network.Down.Skip(1))
        {
            FeatureMap finer = maps[^1];
            maps.Add(Pair(pair, finer with { Value = graph.MaxPool(finer.Value, 2, 2, 0), Height = finer.Height / 2, Width = finer.Width / 2 }));
        }

        FeatureMap map = maps[^1];
        for (int level = network.Up.Count - 1; level >= 0; level--)
        {
            FeatureMap own = maps[level];
            OnnxValue enlarged = graph.ResizeLinear(map.Value, map.Height, map.Width, own.Height, own.Width, alignCorners: true);
            FeatureMap filtered = layers.Convolve(network.Up[level].Enlarged, map with { Value = enlarged, Height = own.Height, Width = own.Width }, activate: true);
            map = Pair(network.Up[level].Pair, network.HasSkips
                ? filtered with { Value = graph.Concatenate([filtered.Value, own.Value], 1), Channels = filtered.Channels + own.Channels }
                : filtered);
        }

        return layers.Convolve(new ConvolutionUnit(network.Last, null), map, activate: false).Value;
    }

    private FeatureMap Pair(ConvolutionPair pair, FeatureMap map) => pair.Units.Aggregate(map, (input, unit) => layers.Convolve(unit, input, activate: true));
}
