using CobraAD.Export.Graph;
using CobraAD.Export.Layers;
using CobraAD.Transforms;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Export.Layers;

/// <summary>Each linear map along an axis against what the library itself computes.</summary>
public sealed class AxisMatrixTests
{
    private const double Tolerance = 1e-12;

    [Theory]
    [InlineData(5, 17)]
    [InlineData(1, 4)]
    [InlineData(7, 7)]
    public void It_enlarges_with_corners_kept(int source, int target)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor maps = Maps(source, 3);

        Tensor found = Apply(maps, AxisMatrix.Enlarge(source, target), AxisMatrix.Enlarge(3, 8));

        TensorAssert.Close(nn.functional.interpolate(maps.unsqueeze(1), [target, 8], mode: InterpolationMode.Bilinear, align_corners: true).squeeze(1), found, Tolerance);
    }

    [Theory]
    [InlineData(3, 1.2)]
    [InlineData(8, 40)]
    public void It_blurs_with_the_border_reflected(int radius, double sigma)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor maps = Maps(9, 12);

        Tensor found = Apply(maps, AxisMatrix.Blur(9, radius, sigma), AxisMatrix.Blur(12, radius, sigma));

        TensorAssert.Close(GaussianBlur.Apply(maps.unsqueeze(1), GaussianBlur.Kernel(radius, sigma)).squeeze(1), found, Tolerance);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public void It_averages_over_a_window_with_zeros_around(int side)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor maps = Maps(7, 10);

        Tensor found = Apply(maps, AxisMatrix.Window(7, side), AxisMatrix.Window(10, side));

        TensorAssert.Close(nn.functional.avg_pool2d(maps.unsqueeze(1), side, stride: 1, padding: side / 2).squeeze(1), found, Tolerance);
    }

    [Fact]
    public void One_after_another_is_their_product()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor maps = Maps(4, 4);
        AxisMatrix first = AxisMatrix.Enlarge(4, 9), second = AxisMatrix.Blur(9, 2, 1), same = AxisMatrix.Window(4, 1);

        Tensor atOnce = Apply(maps, second.After(first), same), inTurn = Apply(Apply(maps, first, same), second, same);

        TensorAssert.Close(inTurn, atOnce, Tolerance);
    }

    private static Tensor Maps(int height, int width)
    {
        using Generator rng = new(3, CPU);
        return rand([2, height, width], dtype: ScalarType.Float64, generator: rng);
    }

    private static Tensor Apply(Tensor maps, AxisMatrix down, AxisMatrix along)
    {
        OnnxGraph graph = new("test");
        graph.Output("result", AxisMatrix.Apply(graph, graph.Input("maps", OnnxType.Double, "maps", "b", "h", "w"), down, along), "result", "b", "y", "x");
        using OnnxRun run = new(graph);
        return run.Run(("maps", maps))["result"];
    }
}
