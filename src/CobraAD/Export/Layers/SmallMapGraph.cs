using CobraAD.Export.Graph;
using CobraAD.Networks.Residual;
using TorchSharp.Modules;

namespace CobraAD.Export.Layers;

/// <summary>
/// Convolutions of small maps as matrix products: every window becomes a row, and all rows of a batch are multiplied with the weights at
/// once. The same sums in another order.
/// </summary>
/// <remarks>
/// ONNX Runtime convolves row by row of the map and reads all weights again for each. Where a map has few positions but a layer has
/// megabytes of weights, as in the last stage of a network for 32-pixel images, reading them is most of the work: a product reads them
/// once (benchmarks/CobraAD.RuntimeBenchmark).
/// </remarks>
internal sealed class SmallMapGraph(OnnxGraph graph, WeightStore weights)
{
    /// <summary>Most positions of a map that counts as small.</summary>
    public const int LargestMap = 16;

    /// <summary>[B, C, H, W] to the rows that this class works on: [B · H · W, C].</summary>
    public OnnxValue Rows(OnnxValue map, int height, int width)
    {
        // 0 keeps a size.
        OnnxValue columns = graph.Reshape(map, graph.Integers([0, 0, height * width], [3]));
        return graph.Flatten(graph.Transpose(columns, 0, 2, 1), 2);
    }

    /// <summary>A convolution.</summary>
    /// <param name="unit">A folded unit.</param>
    /// <param name="rows">Its input as rows.</param>
    /// <param name="height">Height of its input.</param>
    /// <param name="width">Width of its input.</param>
    /// <returns>Its output as rows.</returns>
    public OnnxValue Convolve(ConvolutionUnit unit, OnnxValue rows, int height, int width)
    {
        Conv2d convolution = unit.Convolution;
        (int kernel, int stride, int padding) = ((int)convolution.kernel_size[0], (int)convolution.stride[0], (int)convolution.padding![0]);
        (int outputHeight, int outputWidth) = unit.OutputSize(height, width);
        OnnxValue positions = ByImage(rows, height * width, convolution.in_channels);
        // One row of zeros stands for whatever lies outside of the map.
        if (padding > 0) positions = graph.Pad(positions, [0, 0, 0], [0, 1, 0]);

        List<long> windows = [];
        for (int y = 0; y < outputHeight; y++)
            for (int x = 0; x < outputWidth; x++)
                for (int tap = 0; tap < kernel * kernel; tap++)
                {
                    (int row, int column) = (y * stride + tap / kernel - padding, x * stride + tap % kernel - padding);
                    bool inside = row >= 0 && row < height && column >= 0 && column < width;
                    windows.Add(inside ? row * width + column : height * width);
                }

        OnnxValue gathered = graph.Gather(positions, graph.Integers([.. windows], [windows.Count]), 1);
        long length = kernel * kernel * convolution.in_channels;
        // Windows hold all channels of a pixel side by side, weights as stored do not; runtimes turn them once, when they load the model.
        OnnxValue turned = graph.Reshape(graph.Transpose(weights.Weight(convolution.weight), 0, 2, 3, 1), graph.Integers([convolution.out_channels, length], [2]));
        OnnxValue bias = graph.Reshape(weights.Exact(convolution.bias!), graph.Integers([-1, 1], [2]));
        // Weights on the left: for one image ONNX Runtime's product takes a quarter less time with many rows and few columns than the other way round.
        return graph.Transpose(graph.Linear(turned, graph.Reshape(gathered, graph.Integers([-1, length], [2])), bias), 1, 0);
    }

    /// <summary>Mean over all positions: rows of a map to [B, C].</summary>
    public OnnxValue GlobalAverage(OnnxValue rows, int positions, long channels) =>
        graph.Divide(graph.Sum(ByImage(rows, positions, channels), 1, keep: false), graph.Number((float)positions));

    private OnnxValue ByImage(OnnxValue rows, int positions, long channels) => graph.Reshape(rows, graph.Integers([-1, positions, channels], [3]));
}
