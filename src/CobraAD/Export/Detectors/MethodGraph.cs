using CobraAD.Detection;
using CobraAD.Export.Graph;
using CobraAD.Export.Layers;
using CobraAD.Methods.Cobra;
using CobraAD.Methods.Draem;
using CobraAD.Methods.Neighbours;
using CobraAD.Methods.Ocsdf;
using CobraAD.Methods.PatchCore;
using CobraAD.Methods.ReContrast;
using CobraAD.Methods.Shifts;
using CobraAD.Methods.Transformaly;

namespace CobraAD.Export.Detectors;

/// <summary>Which graph belongs to which method: the one place that an export asks.</summary>
internal static class MethodGraph
{
    /// <summary>A whole detector as one graph, from pixels to the decision. (COBRA's own has a gradient besides, and a detector in tiles is several of these.)</summary>
    /// <param name="detector">The detector.</param>
    /// <param name="options">What it takes and how weights are stored.</param>
    /// <exception cref="NotSupportedException">It cannot be exported.</exception>
    public static OnnxGraph Build(ITrainedDetector detector, OnnxExportOptions options)
    {
        IModelCard card = detector.Card;
        (int height, int width) = (card.Data.Height, card.Data.Width);
        OnnxGraph graph = new("cobra");
        OnnxValue images = ImageGraph.Build(graph, options.Images, height, width);
        DetectorNodes nodes = Score(graph, detector, images, height, width, options.Precision);
        DecisionGraph.Build(graph, nodes.Score, nodes.Nearest, card.Calibration);
        if (nodes.Map is { } map) MapGraph.Output(graph, map, height, width);
        return graph;
    }

    /// <summary>Adds what turns images into scores to a graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="detector">The detector.</param>
    /// <param name="images">float32 [B, 3, height, width] in [0, 1].</param>
    /// <param name="height">Height of the images.</param>
    /// <param name="width">Width of the images.</param>
    /// <param name="precision">How weights are stored.</param>
    /// <exception cref="NotSupportedException">It cannot be exported.</exception>
    public static DetectorNodes Score(OnnxGraph graph, ITrainedDetector detector, OnnxValue images, int height, int width, OnnxPrecision precision)
    {
        WeightStore weights = new(graph, precision);
        return detector switch
        {
            CobraDetector cobra => DetectorGraph.Score(graph, weights, cobra, images, height, width),
            PatchCoreDetector patches => PatchCoreGraph.Score(graph, weights, patches, images, height, width),
            INeighbourDetector neighbours => NeighbourGraph.Score(graph, weights, neighbours, images, height, width),
            IShiftDetector shifts => ShiftGraph.Score(graph, weights, shifts, images, height, width),
            OcsdfDetector distance => LipschitzGraph.Score(graph, weights, distance, images, height, width),
            ReContrastDetector contrast => ReContrastGraph.Score(graph, weights, contrast, images, height, width),
            DraemDetector draem => DraemGraph.Score(graph, weights, draem, images, height, width),
            TransformalyDetector likelihood => TransformalyGraph.Score(graph, weights, likelihood, images, height, width),
            _ => throw Unsupported(detector.Card),
        };
    }

    /// <summary>Which score the model says that it computes, and how many entries its bank has; 0 where there is none.</summary>
    public static (string Score, long BankSize) Describe(ITrainedDetector detector) => detector switch
    {
        PatchCoreDetector patches => ("patches", patches.Patches.size(0)),
        INeighbourDetector neighbours => ("neighbours", neighbours.Features.size(0)),
        IShiftDetector shifts => ("shifts", shifts.Reference.Axes.size(1)),
        OcsdfDetector => ("signed distance", 0),
        ReContrastDetector => ("reconstructed maps", 0),
        DraemDetector => ("segmentation", 0),
        TransformalyDetector => ("likelihood", 0),
        _ => throw Unsupported(detector.Card),
    };

    private static NotSupportedException Unsupported(IModelCard card) => new(card.Method switch
    {
        "apae" => "A detector of the method 'apae' cannot be exported: its score descends a gradient for every image, which has no form in ONNX. Score with 'cobra score', or train another method: all others but deepsvdd and principals can be exported.",
        _ => $"A detector of the method '{card.Method}' cannot be exported: no graph was written for it. Score with 'cobra score', or train another method, such as cobra, patchcore, dn2 or ocsdf; docs/guide/export.md lists all that can.",
    });
}

/// <summary>What a detector is in a graph.</summary>
/// <param name="Score">float64 [B].</param>
/// <param name="Nearest">int64 [B]: the row of the bank that is nearest, or -1 of a detector without a bank.</param>
/// <param name="Map">How anomalous each place is, float32 [B, height, width], built in the branch of the graph that it is given; of detectors that know it.</param>
internal readonly record struct DetectorNodes(OnnxValue Score, OnnxValue Nearest, Func<OnnxGraph, OnnxValue>? Map = null)
{
    /// <summary>Of a detector that compares with no entries of a bank.</summary>
    public static DetectorNodes WithoutBank(OnnxGraph graph, OnnxValue score, Func<OnnxGraph, OnnxValue>? map = null) =>
        new(score, graph.Expand(graph.Number(-1L), graph.Shape(score)), map);
}
