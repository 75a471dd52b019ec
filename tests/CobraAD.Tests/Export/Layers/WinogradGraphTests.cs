using CobraAD.Export;
using CobraAD.Export.Graph;
using CobraAD.Export.Layers;
using CobraAD.Networks.Residual;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CobraAD.Tests.Export.Layers;

public sealed class WinogradGraphTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Theory]
    [InlineData(3, 16, 32, 12, 12)]
    [InlineData(1, 16, 16, 28, 28)]
    [InlineData(1, 5, 3, 17, 9)]
    [InlineData(2, 4, 7, 3, 26)]
    [InlineData(3, 16, 16, 5, 5)]
    [InlineData(1, 3, 5, 1, 2)]
    [InlineData(2, 128, 128, 7, 7)]
    [InlineData(1, 256, 128, 8, 10)]
    public void The_outputs_are_those_of_the_convolution(int batch, int inputs, int outputs, int height, int width)
    {
        Conv2d convolution = Convolution(inputs, outputs, 3, 1);
        Tensor images = Normal(batch, inputs, height, width);

        Tensor expected = convolution.call(images);
        using OnnxRun run = Export(convolution, height, width, OnnxPrecision.Full);
        Tensor actual = run.Run(("x", images))["y"];

        Assert.Equal(expected.shape, actual.shape);
        Assert.True(RelativeError(expected, actual) < 1e-5, $"relative error {RelativeError(expected, actual)}");
    }

    [Theory]
    [InlineData(OnnxPrecision.Half, 1e-3)]
    [InlineData(OnnxPrecision.Quantized, 2e-2)]
    public void Coarsely_stored_weights_give_the_convolution_to_their_precision(OnnxPrecision precision, double tolerance)
    {
        Conv2d convolution = Convolution(16, 16, 3, 1);
        Tensor images = Normal(2, 16, 14, 14);

        Tensor expected = convolution.call(images);
        using OnnxRun run = Export(convolution, 14, 14, precision);
        double error = RelativeError(expected, run.Run(("x", images))["y"]);

        Assert.InRange(error, tolerance / 100, tolerance);
    }

    [Theory]
    [InlineData(128, 128, 3, 1, true)]
    [InlineData(512, 256, 3, 1, true)]
    [InlineData(64, 128, 3, 1, false)]
    [InlineData(128, 64, 3, 1, false)]
    [InlineData(128, 128, 3, 2, false)]
    [InlineData(128, 128, 1, 1, false)]
    [InlineData(128, 128, 7, 1, false)]
    public void Wide_3x3_convolutions_of_stride_1_suit(int inputs, int outputs, int kernel, int stride, bool suits) =>
        Assert.Equal(suits, WinogradGraph.Suits(new ConvolutionUnit(Convolution(inputs, outputs, kernel, stride), null)));

    private static OnnxRun Export(Conv2d convolution, int height, int width, OnnxPrecision precision)
    {
        OnnxGraph graph = new("test");
        OnnxValue x = graph.Input("x", OnnxType.Float, "", "batch", $"{convolution.in_channels}", $"{height}", $"{width}");
        WinogradGraph winograd = new(graph, new WeightStore(graph, precision));
        graph.Output("y", winograd.Convolve(new ConvolutionUnit(convolution, null), x, height, width), "");
        return new OnnxRun(graph);
    }

    private static Conv2d Convolution(int inputs, int outputs, int kernel, int stride)
    {
        Conv2d convolution = nn.Conv2d(inputs, outputs, kernel, stride, padding: kernel / 2);
        convolution.weight = new Parameter(Normal(outputs, inputs, kernel, kernel) / Math.Sqrt(inputs * kernel * kernel));
        convolution.bias = new Parameter(Normal(outputs));
        return convolution;
    }

    private static Tensor Normal(params long[] shape)
    {
        using Generator rng = new(5, CPU);
        return randn(shape, generator: rng);
    }

    private static double RelativeError(Tensor expected, Tensor actual) => ((expected - actual).norm() / expected.norm()).item<float>();
}
