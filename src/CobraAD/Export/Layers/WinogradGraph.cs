using CobraAD.Export.Graph;
using CobraAD.Networks.Residual;
using TorchSharp.Modules;

namespace CobraAD.Export.Layers;

/// <summary>3×3 convolutions of stride 1 by Winograd's algorithm (<see cref="WinogradTransform"/>): two to four times fewer multiplications.</summary>
/// <remarks>
/// ONNX Runtime computes convolutions of every shape at about the same rate, so that only fewer multiplications make them faster. It
/// keeps that rate for the sums over channels when they are written as one 1×1 convolution with a group for each of a tile's
/// transformed values; as batched matrix products they take half as long again (docs/lab/performance.md). Kernels are stored as trained;
/// runtimes transform them once, when they load the model.
/// </remarks>
internal sealed class WinogradGraph(OnnxGraph graph, WeightStore weights)
{
    /// <summary>
    /// Fewest channels for which the transforms, whose cost for each product falls with them, leave a gain: with 128 of them the
    /// convolutions of ResNet-18 take 0.6 of the time, with 64 they take 0.8 for one image and 1.4 for a batch.
    /// </summary>
    public const int FewestChannels = 128;

    /// <summary>Most positions of a map for which the gain was measured; the tiles of larger ones take memory.</summary>
    public const int LargestMap = 32 * 32;

    /// <summary>Whether a unit can be computed this way and is faster for it.</summary>
    public static bool Suits(ConvolutionUnit unit)
    {
        Conv2d convolution = unit.Convolution;
        return (convolution.kernel_size[0], convolution.stride[0], convolution.padding![0]) == (3, 1, 1)
            && convolution.groups == 1 && Math.Min(convolution.in_channels, convolution.out_channels) >= FewestChannels;
    }

    /// <summary>A convolution.</summary>
    /// <param name="unit">A folded unit that <see cref="Suits"/>.</param>
    /// <param name="map">Its input, [B, C, height, width].</param>
    /// <param name="height">Height of its input.</param>
    /// <param name="width">Width of its input.</param>
    /// <returns>Its output, [B, K, height, width].</returns>
    public OnnxValue Convolve(ConvolutionUnit unit, OnnxValue map, int height, int width)
    {
        Conv2d convolution = unit.Convolution;
        (long inputs, long outputs) = (convolution.in_channels, convolution.out_channels);
        WinogradTransform transform = Transform(inputs, height, width);
        int values = transform.Inputs * transform.Inputs;
        int tiles = Tiles(transform, height, width);

        // Channels last: a pixel is one run of memory to copy, and runtimes move tiles to their own layout in one go.
        OnnxValue pixels = graph.Reshape(graph.Transpose(map, 0, 2, 3, 1), Sizes(-1, height * width, inputs));
        // One pixel of zeros stands for whatever lies outside of the map.
        OnnxValue patches = graph.Gather(graph.Pad(pixels, [0, 0, 0], [0, 1, 0]), Patches(transform, height, width), 1);
        OnnxValue transformed = graph.MatrixProduct(transform.Input(graph), graph.Reshape(patches, Sizes(-1, values, inputs)));

        OnnxValue channels = graph.Transpose(graph.Reshape(transformed, Sizes(-1, tiles, 1, values * inputs)), 0, 3, 1, 2);
        OnnxValue kernels = graph.ProductWithRows(transform.Kernel(graph), graph.Reshape(weights.Weight(convolution.weight), Sizes(-1, 9)));
        OnnxValue bias = graph.Pad(
            weights.Exact(convolution.bias!), [transform.BiasPosition * outputs], [(values - 1 - transform.BiasPosition) * outputs]);
        OnnxValue sums = graph.Convolution(channels, graph.Reshape(kernels, Sizes(values * outputs, inputs, 1, 1)), bias, 1, 1, 0, groups: values);

        OnnxValue tiled = graph.MatrixProduct(transform.Output(graph), graph.Reshape(graph.Transpose(sums, 0, 2, 3, 1), Sizes(-1, values, outputs)));
        OnnxValue rows = graph.Reshape(tiled, Sizes(-1, tiles * transform.Outputs * transform.Outputs, outputs));
        return graph.Transpose(graph.Reshape(graph.Gather(rows, Pixels(transform, height, width), 1), Sizes(-1, height, width, outputs)), 0, 3, 1, 2);
    }

    /// <summary>
    /// Larger tiles take fewer multiplications but more memory for kernels, of which each number that is read costs as much as C / 48
    /// multiplications with it. Measured with 128 to 512 channels on maps of 5×5 to 28×28.
    /// </summary>
    private static WinogradTransform Transform(long channels, int height, int width)
    {
        return Cost(WinogradTransform.Four) < Cost(WinogradTransform.Two) ? WinogradTransform.Four : WinogradTransform.Two;

        double Cost(WinogradTransform transform) => transform.Inputs * transform.Inputs * (Tiles(transform, height, width) + channels / 48.0);
    }

    /// <summary>For each tile the pixels that it reads, row by row; height · width for what lies outside.</summary>
    private OnnxValue Patches(WinogradTransform transform, int height, int width)
    {
        List<long> indices = [];
        for (int top = -1; top < height - 1; top += transform.Outputs)
            for (int left = -1; left < width - 1; left += transform.Outputs)
                for (int y = top; y < top + transform.Inputs; y++)
                    for (int x = left; x < left + transform.Inputs; x++)
                        indices.Add(y >= 0 && y < height && x >= 0 && x < width ? y * width + x : height * width);
        return Sizes([.. indices]);
    }

    /// <summary>For each pixel its place among the outputs of all tiles; the last tiles may reach over the map's edge.</summary>
    private OnnxValue Pixels(WinogradTransform transform, int height, int width)
    {
        int side = transform.Outputs;
        int across = Along(width, side);
        List<long> indices = [];
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++)
                indices.Add((y / side * across + x / side) * side * side + y % side * side + x % side);
        return Sizes([.. indices]);
    }

    private static int Tiles(WinogradTransform transform, int height, int width) => Along(height, transform.Outputs) * Along(width, transform.Outputs);

    private static int Along(int size, int side) => (size + side - 1) / side;

    private OnnxValue Sizes(params ReadOnlySpan<long> sizes) => graph.Integers(sizes, [sizes.Length]);
}
