using CobraAD.Export.Graph;
using CobraAD.Networks.Backbones;
using CobraAD.Networks.Residual;
using CobraAD.Networks.Transformer;
using static TorchSharp.torch;

namespace CobraAD.Export.Layers;

/// <summary>A folded backbone as operators: the form of image that its weights expect, then its network.</summary>
internal sealed class BackboneGraph
{
    private readonly OnnxGraph graph;
    private readonly Backbone backbone;
    private readonly WeightStore weights;

    /// <summary>Prepares the graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="weights">Where weights are put.</param>
    /// <param name="backbone">A folded backbone.</param>
    public BackboneGraph(OnnxGraph graph, WeightStore weights, Backbone backbone)
    {
        this.graph = graph;
        this.weights = weights;
        this.backbone = backbone;
    }

    /// <summary>Averages of the last map, or a transformer's class tokens: [B, feature size].</summary>
    /// <param name="images">[B, 3, height, width] in [0, 1].</param>
    /// <param name="height">Height of the images.</param>
    /// <param name="width">Width of the images.</param>
    public OnnxValue Features(OnnxValue images, int height, int width)
    {
        FeatureMap prepared = Prepare(images, height, width);
        if (backbone.Network is ResNet network) return new NetworkGraph(graph, weights).Features(network, prepared.Value, prepared.Height, prepared.Width);
        VisionTransformer transformer = (VisionTransformer)backbone.Network;
        TransformerGraph tokens = new(graph, weights, transformer, prepared.Height, prepared.Width);
        return tokens.Leave(transformer.Encoder.Blocks.Aggregate(tokens.Enter(prepared.Value), (rows, block) => tokens.Block(block, rows)));
    }

    /// <summary>The maps after some of the stages of a residual network, counted from 1.</summary>
    /// <inheritdoc cref="Features"/>
    public IReadOnlyList<FeatureMap> Maps(OnnxValue images, int height, int width, IReadOnlyList<int> stages)
    {
        FeatureMap prepared = Prepare(images, height, width);
        return new NetworkGraph(graph, weights).Maps((ResNet)backbone.Network, prepared.Value, prepared.Height, prepared.Width, stages);
    }

    /// <summary>Images in the form and scale that the network expects.</summary>
    /// <inheritdoc cref="Features"/>
    public FeatureMap Prepare(OnnxValue images, int height, int width)
    {
        OnnxValue x = images;
        if (backbone.Options.ResizeTo is { } side && (height != side || width != side))
        {
            x = graph.ResizeLinear(x, height, width, side, side);
            (height, width) = (side, side);
        }

        if (backbone.Options.CropTo is { } crop)
        {
            long top = (height - crop) / 2, left = (width - crop) / 2;
            x = graph.Slice(x, [top, left], [top + crop, left + crop], [2, 3]);
            (height, width) = (crop, crop);
        }

        (Tensor scale, Tensor shift) = backbone.Affine;
        return new FeatureMap(graph.Add(graph.Multiply(x, Constant(scale)), Constant(shift)), 3, height, width);
    }

    private OnnxValue Constant(Tensor channels) => graph.Floats(channels.data<float>().ToArray(), [1, 3, 1, 1], "preparation");
}

/// <summary>A map of features in a graph.</summary>
/// <param name="Value">[B, channels, height, width].</param>
/// <param name="Channels">Channels.</param>
/// <param name="Height">Its height.</param>
/// <param name="Width">Its width.</param>
internal readonly record struct FeatureMap(OnnxValue Value, int Channels, int Height, int Width);
