using CobraAD.Export.Graph;
using CobraAD.Export.Layers;
using CobraAD.Losses;
using CobraAD.Methods.Neighbours;

namespace CobraAD.Export.Detectors;

/// <summary>A detector that compares features with those of the training images (DN2, PANDA, MSAD, ZARND) as one graph.</summary>
internal static class NeighbourGraph
{
    /// <inheritdoc cref="MethodGraph.Score"/>
    public static DetectorNodes Score(OnnxGraph graph, WeightStore weights, INeighbourDetector detector, OnnxValue images, int height, int width)
    {
        OnnxValue features = new BackboneGraph(graph, weights, detector.Folded).Features(images, height, width);
        if (detector.Kind == NeighbourScore.SquaredOnSphere)
        {
            OnnxValue norm = graph.SquareRoot(graph.Sum(graph.Multiply(features, features), 1, keep: true));
            features = graph.Divide(features, graph.Add(norm, graph.Number((float)UnitLength.Floor)));
        }

        NeighbourSearchGraph search = new(graph, detector.Features, weights);
        OnnxValue rows = search.Nearest(features, detector.Neighbours + NeighbourBank.Spare).Rows;
        OnnxValue entries = graph.Cast(graph.Gather(search.Entries, rows, 0), OnnxType.Double);
        OnnxValue difference = graph.Subtract(graph.Unsqueeze(graph.Cast(features, OnnxType.Double), 1), entries);
        OnnxValue squared = graph.Sum(graph.Multiply(difference, difference), 2, keep: false);
        (OnnxValue closeness, OnnxValue position) = graph.Largest(graph.Negate(squared), search.Cut(detector.Neighbours));
        OnnxValue distance = graph.Negate(closeness);
        if (detector.Kind == NeighbourScore.Euclidean) distance = graph.SquareRoot(graph.Add(distance, graph.Number(NeighbourBank.RootFloor)));
        OnnxValue nearest = graph.Squeeze(graph.GatherElements(rows, graph.Slice(position, [0], [1], [1]), 1), 1);
        return new DetectorNodes(graph.Sum(distance, 1, keep: false), nearest);
    }
}
