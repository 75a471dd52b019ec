using CobraAD.Export.Graph;
using CobraAD.Export.Layers;
using CobraAD.Methods.Transformaly;
using CobraAD.Networks;
using CobraAD.Networks.Backbones;
using CobraAD.Networks.Residual;
using CobraAD.Networks.Transformer;
using static TorchSharp.torch;

namespace CobraAD.Export.Detectors;

/// <summary>A Transformaly detector as operators: teacher and students in float32, both Gaussians in float64.</summary>
internal sealed class TransformalyGraph
{
    private readonly OnnxGraph graph;
    private readonly StudentBlocks students;
    private readonly List<OnnxValue> errors = [];

    private TransformalyGraph(OnnxGraph graph, StudentBlocks students) => (this.graph, this.students) = (graph, students);

    /// <inheritdoc cref="MethodGraph.Score"/>
    public static DetectorNodes Score(OnnxGraph graph, WeightStore weights, TransformalyDetector detector, OnnxValue images, int height, int width)
    {
        (Backbone teacher, StudentBlocks students) = detector.Networks;
        FeatureMap prepared = new BackboneGraph(graph, weights, teacher).Prepare(images, height, width);
        TransformalyGraph own = new(graph, students);
        OnnxValue feature = teacher.Network is ResNet residual
            ? own.Residual(new NetworkGraph(graph, weights), residual, prepared)
            : own.Transformer(new TransformerGraph(graph, weights, (VisionTransformer)teacher.Network, prepared.Height, prepared.Width), teacher.Network, prepared);
        (Gaussian ofFeatures, Gaussian ofErrors) = detector.Gaussians;
        OnnxValue likelihood = graph.Add(
            own.LogDensity(ofFeatures, feature), own.LogDensity(ofErrors, graph.Negate(graph.Concatenate(own.errors, 1))));
        return DetectorNodes.WithoutBank(graph, graph.Negate(likelihood));
    }

    private OnnxValue Residual(NetworkGraph layers, ResNet teacher, FeatureMap prepared)
    {
        FeatureMap map = layers.Stem(teacher, prepared);
        for (int block = 0; block < teacher.Chain.Count; block++)
        {
            FeatureMap output = layers.Block((ResidualBlock)teacher.Chain[block], map);
            if (block >= students.Skipped) Compare(layers.Block((ResidualBlock)students.Students[block - students.Skipped], map).Value, output.Value, (long)output.Channels * output.Height * output.Width);
            map = output;
        }

        return graph.GlobalAverage(map.Value);
    }

    private OnnxValue Transformer(TransformerGraph layers, FeatureNetwork teacher, FeatureMap prepared)
    {
        OnnxValue rows = layers.Enter(prepared.Value);
        for (int block = 0; block < teacher.Chain.Count; block++)
        {
            OnnxValue output = layers.Block((TransformerBlock)teacher.Chain[block], rows);
            if (block >= students.Skipped) Compare(layers.Block((TransformerBlock)students.Students[block - students.Skipped], rows), output, (long)layers.Tokens * teacher.FeatureSize);
            rows = output;
        }

        return layers.Leave(rows);
    }

    /// <summary>The mean squared difference of each image, [B, 1].</summary>
    private void Compare(OnnxValue student, OnnxValue teacher, long values)
    {
        OnnxValue difference = graph.Reshape(graph.Subtract(student, teacher), graph.Integers([-1, values], [2]));
        errors.Add(graph.Divide(graph.Sum(graph.Multiply(difference, difference), 1, keep: true), graph.Number((float)values)));
    }

    /// <summary>What <see cref="Gaussian.LogDensity"/> gives, float64 [B].</summary>
    private OnnxValue LogDensity(Gaussian gaussian, OnnxValue rows)
    {
        IReadOnlyDictionary<string, Tensor> tensors = gaussian.Tensors;
        OnnxValue centred = graph.Subtract(graph.Cast(rows, OnnxType.Double), Doubles(tensors["mean"]));
        OnnxValue whitened = graph.MatrixProduct(centred, graph.Transpose(Doubles(tensors["root"]), 1, 0));
        OnnxValue squares = graph.Sum(graph.Multiply(whitened, whitened), 1, keep: false);
        return graph.Subtract(Doubles(tensors["constant"]), graph.Multiply(squares, graph.Number(0.5)));
    }

    private OnnxValue Doubles(Tensor values)
    {
        using Tensor plain = values.detach().cpu().to(ScalarType.Float64).contiguous();
        return graph.Doubles(plain.data<double>().ToArray(), plain.shape);
    }
}
