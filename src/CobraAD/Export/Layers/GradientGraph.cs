using CobraAD.Export.Graph;
using CobraAD.Methods.Cobra.Scores;
using CobraAD.Networks;
using CobraAD.Networks.Residual;
using TorchSharp.Modules;

namespace CobraAD.Export.Layers;

/// <summary>
/// The gradient of the score to the image, by reverse-mode differentiation written out as operators: each layer runs forward and
/// returns the function that carries a gradient back through it. It runs the network a second time inside its branch, so that the
/// scoring graph stays free to be fused, and shares its weights.
/// </summary>
internal sealed class GradientGraph(OnnxGraph graph, WeightStore weights, ScoreGraph scores)
{
    /// <summary>Builds forward and backward pass.</summary>
    /// <param name="network">The folded network.</param>
    /// <param name="form">Which score.</param>
    /// <param name="images">[B, 3, height, width] in [0, 1].</param>
    /// <param name="height">Height of the images.</param>
    /// <param name="width">Width of the images.</param>
    /// <returns>[B, 3, height, width].</returns>
    public OnnxValue Build(CobraNetwork network, ScoreForm form, OnnxValue images, int height, int width)
    {
        OnnxValue half = graph.Number(0.5f);
        Layer map = Convolve(network.Encoder.First, new Layer(graph.Divide(graph.Subtract(images, half), half), height, width, gradient => graph.Divide(gradient, half)));
        map = Relu(map);
        if (network.Encoder.Options.Stem == ResNetStem.ImageNet) map = MaxPool(map);
        Layer last = network.Encoder.Blocks.Aggregate(map, Block);
        OnnxValue features = graph.GlobalAverage(last.Value);
        return last.Back(SpreadMean(scores.Gradient(graph, form, features), last));
    }

    /// <summary>The mean over positions gives each of them the same share.</summary>
    private OnnxValue SpreadMean(OnnxValue gradient, Layer map)
    {
        float[] shares = new float[map.Height * map.Width];
        Array.Fill(shares, 1f / shares.Length);
        return graph.Multiply(graph.Unsqueeze(graph.Unsqueeze(gradient, 2), 3), graph.Floats(shares, [1, 1, map.Height, map.Width]));
    }

    private Layer Block(Layer input, ResidualBlock block)
    {
        // Both ways start at the same input: their gradients are added before they go on.
        Layer start = input with { Back = gradient => gradient };
        Layer path = start;
        for (int i = 0; i < block.Path.Count; i++) path = Convolve(block.Path[i], i == 0 ? start : Relu(path));
        Layer shortcut = block.Projection is { } projection ? Convolve(projection, start) : start;
        return Relu(new Layer(
            graph.Add(path.Value, shortcut.Value), path.Height, path.Width, gradient => input.Back(graph.Add(path.Back(gradient), shortcut.Back(gradient)))));
    }

    private Layer Relu(Layer input)
    {
        OnnxValue active = graph.Relu(input.Value);
        return input with { Value = active, Back = gradient => input.Back(graph.Masked(gradient, active)) };
    }

    private Layer Convolve(ConvolutionUnit unit, Layer input)
    {
        Conv2d convolution = unit.Convolution;
        OnnxValue weight = weights.Weight(convolution.weight);
        (int kernel, int stride, int padding) = ((int)convolution.kernel_size[0], (int)convolution.stride[0], (int)convolution.padding![0]);
        (int height, int rowsLeft) = Windows(input.Height, kernel, stride, padding);
        (int width, int columnsLeft) = Windows(input.Width, kernel, stride, padding);
        OnnxValue output = graph.Convolution(input.Value, weight, weights.Exact(convolution.bias!), kernel, stride, padding, convolution.groups);
        return new Layer(output, height, width, gradient => input.Back(graph.TransposedConvolution(gradient, weight, kernel, stride, padding, rowsLeft, columnsLeft, convolution.groups)));
    }

    /// <summary>3×3 with stride 2; windows overlap, so a maximum may collect from several.</summary>
    private Layer MaxPool(Layer input)
    {
        (int height, _) = Windows(input.Height, 3, 2, 1);
        (int width, _) = Windows(input.Width, 3, 2, 1);
        (OnnxValue output, OnnxValue indices) = graph.MaxPoolWithIndices(input.Value, 3, 2, 1);
        OnnxValue flat = graph.Integers([-1], [1]);
        return new Layer(output, height, width, gradient =>
        {
            OnnxValue zeros = graph.Multiply(graph.Reshape(input.Value, flat), graph.Number(0f));
            OnnxValue collected = graph.ScatterAdd(zeros, graph.Reshape(indices, flat), graph.Reshape(gradient, flat));
            return input.Back(graph.Reshape(collected, graph.Shape(input.Value)));
        });
    }

    /// <summary>How many windows fit along an axis, and how many pixels are left behind the last.</summary>
    private static (int Count, int Left) Windows(int size, int kernel, int stride, int padding) =>
        ((size + 2 * padding - kernel) / stride + 1, (size + 2 * padding - kernel) % stride);

    /// <param name="Value">[B, channels, height, width].</param>
    /// <param name="Height">Its height.</param>
    /// <param name="Width">Its width.</param>
    /// <param name="Back">Carries ∂score/∂value to ∂score/∂image; call it once.</param>
    private sealed record Layer(OnnxValue Value, int Height, int Width, Func<OnnxValue, OnnxValue> Back);
}
