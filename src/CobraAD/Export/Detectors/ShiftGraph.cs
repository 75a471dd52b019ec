using CobraAD.Export.Graph;
using CobraAD.Export.Layers;
using CobraAD.Methods.Csi;
using CobraAD.Methods.Shifts;
using CobraAD.Networks;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CobraAD.Export.Detectors;

/// <summary>
/// A detector that averages over shifts, CSI in its cheap form, as operators: the images under every shift in one batch, and the score of <see cref="ShiftReference"/> in
/// float64. The nearest entry is that of the unchanged image.
/// </summary>
internal static class ShiftGraph
{
    /// <inheritdoc cref="MethodGraph.Score"/>
    public static DetectorNodes Score(OnnxGraph graph, WeightStore weights, IShiftDetector detector, OnnxValue images, int height, int width)
    {
        if (detector.Shifts.ScoreViews > 0)
        {
            throw new NotSupportedException(
                $"A detector of the method '{detector.Card.Method}' whose score averages over {detector.Shifts.ScoreViews} augmented views of each shift cannot be exported: the colour transforms of the views have no graph. "
                + (detector.Card.Options is CsiOptions ? "Train it with \"scoreViews\": 0, the cheap form, which needs no views." : "Its score always has views. Train cobra, or csi with \"scoreViews\": 0."));
        }

        CobraNetwork network = detector.Network;
        NetworkGraph layers = new(graph, weights);
        int shifts = detector.Shifts.Shifts;
        OnnxValue features = layers.Features(network.Encoder, Shifted(graph, detector.Views, images, height, width), height, width);
        (Linear hidden, Linear output) = network.Projection.Layers;
        OnnxValue embeddings = ByShift(layers.Linear(output, graph.Relu(layers.Linear(hidden, features))));
        OnnxValue logits = ByShift(layers.Linear(network.Classifier, features));

        ShiftReference reference = detector.Reference;
        // [K, B, N] and of it the largest.
        OnnxValue products = graph.MatrixProduct(embeddings, graph.Transpose(Doubles(graph, reference.Axes, shifts, reference.Axes.size(1), reference.Axes.size(2)), 0, 2, 1));
        (OnnxValue largest, OnnxValue index) = graph.Largest(products, 1);
        OnnxValue similarity = graph.Multiply(largest, Doubles(graph, reference.SimilarityWeights, shifts, 1, 1));
        OnnxValue own = graph.Sum(graph.Multiply(logits, Doubles(graph, Diagonal(reference.ShiftWeights), shifts, 1, shifts)), 2, keep: true);
        OnnxValue normality = graph.Divide(graph.Sum(graph.Squeeze(graph.Add(similarity, own), 2), 0, keep: false), graph.Number((double)shifts));
        OnnxValue nearest = graph.Squeeze(graph.Gather(index, graph.Number(0L), 0), 1);
        return new DetectorNodes(graph.Negate(normality), nearest);

        // [K · B, n], shift-major, to float64 [K, B, n]; 0 keeps a size only where there is one, so the last is found by itself.
        OnnxValue ByShift(OnnxValue rows)
        {
            OnnxValue sizes = graph.Concatenate([graph.Integers([shifts], [1]), graph.Slice(graph.Shape(images), [0], [1], [0]), graph.Integers([-1], [1])], 0);
            return graph.Cast(graph.Reshape(rows, sizes), OnnxType.Double);
        }
    }

    /// <summary>[K · B, 3, height, width], shift-major. A shift moves whole pixels; which ones, it is asked itself, by a picture of the pixels' numbers.</summary>
    private static OnnxValue Shifted(OnnxGraph graph, ShiftViews views, OnnxValue images, int height, int width)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor numbers = arange(height * width, dtype: ScalarType.Float64).view(1, 1, height, width);
        using Tensor shown = views.ForScore(numbers).to(ScalarType.Int64).flatten(1);
        OnnxValue pixels = graph.Reshape(images, graph.Integers([0, 0, height * width], [3]));
        List<OnnxValue> all = [];
        for (int k = 0; k < shown.size(0); k++)
            all.Add(k == 0 ? pixels : graph.Gather(pixels, graph.Integers(shown[k].data<long>().ToArray(), [height * width]), 2));
        return graph.Reshape(graph.Concatenate(all, 0), graph.Integers([0, 0, height, width], [4]));
    }

    private static Tensor Diagonal(Tensor weights) => weights.diag();

    private static OnnxValue Doubles(OnnxGraph graph, Tensor values, params ReadOnlySpan<long> shape)
    {
        using Tensor plain = values.detach().cpu().to(ScalarType.Float64).contiguous();
        return graph.Doubles(plain.data<double>().ToArray(), shape);
    }
}
