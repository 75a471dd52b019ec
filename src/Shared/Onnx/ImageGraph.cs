using CobraAD.Export.Graph;

namespace CobraAD.Export.Layers;

/// <summary>Brings images of any size to the network's, as Imaging does in training.</summary>
internal static class ImageGraph
{
    /// <summary>Declares the images as input and resizes them; images of the right size pass untouched.</summary>
    /// <returns>float32 [B, 3, height, width] in [0, 1].</returns>
    public static OnnxValue Build(OnnxGraph graph, OnnxImageForm form, int height, int width)
    {
        OnnxValue pixels = form == OnnxImageForm.Bytes
            ? graph.Transpose(
                graph.Cast(graph.Input(OnnxMetadata.Image, OnnxType.UInt8, "RGB images of any one size, 0 to 255.", "batch", "height", "width", "3"), OnnxType.Float),
                0, 3, 1, 2)
            : graph.Input(OnnxMetadata.Image, OnnxType.Float, "RGB images of any one size, 0 to 1.", "batch", "3", "height", "width");
        OnnxValue shape = graph.Shape(pixels);
        OnnxValue givenHeight = graph.Gather(shape, graph.Number(2L), 0);
        OnnxValue givenWidth = graph.Gather(shape, graph.Number(3L), 0);
        OnnxValue fits = graph.And(graph.AreEqual(givenHeight, graph.Number((long)height)), graph.AreEqual(givenWidth, graph.Number((long)width)));
        OnnxValue resized = graph.Choose(fits, same => same.Copy(pixels), other =>
        {
            OnnxValue narrowed = other.MatrixProduct(pixels, other.Transpose(Filter(other, givenWidth, width), 1, 0));
            OnnxValue small = other.MatrixProduct(Filter(other, givenHeight, height), narrowed);
            // Training stores bytes; a model fed with bytes must round where it did.
            return form == OnnxImageForm.Bytes ? other.Floor(other.Add(small, other.Number(0.5f))) : small;
        });
        return form == OnnxImageForm.Bytes ? graph.Divide(resized, graph.Number(255f)) : resized;
    }

    /// <summary>
    /// The triangle filter of Imaging.TriangleFilter along one axis as a matrix [target, source], row i with the weights
    /// max(0, 1 - |j + ½ - (i + ½) scale| / max(1, scale)) scaled to sum to 1. In float64, since ONNX's own Resize computes its
    /// positions in float32, which moves them by up to 1/1000 pixel in large images.
    /// </summary>
    private static OnnxValue Filter(OnnxGraph graph, OnnxValue source, int target)
    {
        OnnxValue length = graph.Cast(source, OnnxType.Double);
        OnnxValue scale = graph.Divide(length, graph.Number((double)target));
        OnnxValue support = graph.Maximum(scale, graph.Number(1.0));
        double[] middles = [.. Enumerable.Range(0, target).Select(i => i + 0.5)];
        OnnxValue centers = graph.Multiply(graph.Doubles(middles, [target, 1]), scale);
        OnnxValue positions = graph.Add(graph.Range(graph.Number(0.0), length, graph.Number(1.0)), graph.Number(0.5));
        OnnxValue distance = graph.Divide(graph.Absolute(graph.Subtract(positions, centers)), support);
        OnnxValue triangle = graph.Maximum(graph.Subtract(graph.Number(1.0), distance), graph.Number(0.0));
        return graph.Cast(graph.Divide(triangle, graph.Sum(triangle, 1, keep: true)), OnnxType.Float);
    }
}
