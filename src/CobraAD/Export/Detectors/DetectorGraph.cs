using CobraAD.Detection;
using CobraAD.Export.Graph;
using CobraAD.Export.Layers;
using CobraAD.Methods.Cobra;
using CobraAD.Methods.Cobra.Bank;
using CobraAD.Methods.Cobra.Scores;
using CobraAD.Networks;

namespace CobraAD.Export.Detectors;

/// <summary>A whole COBRA detector as one graph, from pixels to the decision.</summary>
internal static class DetectorGraph
{
    /// <inheritdoc cref="MethodGraph.Score"/>
    public static DetectorNodes Score(OnnxGraph graph, WeightStore weights, CobraDetector detector, OnnxValue images, int height, int width)
    {
        using CobraNetwork folded = detector.Network.Fold();
        OnnxValue features = new NetworkGraph(graph, weights).Features(folded.Encoder, images, height, width);
        ScoreGraph scores = new(graph, folded, weights, new BankGraph(graph, detector.Bank, weights), features);
        return new DetectorNodes(scores.Value(detector.Form), scores.Nearest);
    }

    /// <summary>Builds the graph.</summary>
    /// <param name="network">The trained network, not folded.</param>
    /// <param name="bank">Embeddings of the normal training images.</param>
    /// <param name="form">Which score.</param>
    /// <param name="calibration">The operating point.</param>
    /// <param name="height">Height that the network was trained on.</param>
    /// <param name="width">Width that the network was trained on.</param>
    /// <param name="options">What it takes and how weights are stored.</param>
    public static OnnxGraph Build(
        CobraNetwork network, EmbeddingBank bank, ScoreForm form, ScoreCalibration calibration, int height, int width, OnnxExportOptions options)
    {
        using CobraNetwork folded = network.Fold();
        OnnxGraph graph = new("cobra");
        WeightStore weights = new(graph, options.Precision);
        NetworkGraph layers = new(graph, weights);
        BankGraph search = new(graph, bank, weights);

        OnnxValue images = ImageGraph.Build(graph, options.Images, height, width);
        OnnxValue features = layers.Features(folded.Encoder, images, height, width);
        ScoreGraph scores = new(graph, folded, weights, search, features);
        DecisionGraph.Build(graph, scores.Value(form), scores.Nearest, calibration, "The most similar normal training image: its row in the bank.");
        OnnxValue explain = graph.Switch(OnnxMetadata.Explain, "Whether to compute the gradient; off when left out.");
        OnnxValue gradient = graph.Choose(
            explain,
            branch => new GradientGraph(branch, weights, scores).Build(folded, form, images, height, width),
            branch => branch.Copy(branch.Floats([], [0, 3, height, width])));
        graph.Output(OnnxMetadata.Gradient, gradient, "The score's gradient to the resized image; empty unless 'explain' is true.", "explained", "3", $"{height}", $"{width}");
        return graph;
    }
}
