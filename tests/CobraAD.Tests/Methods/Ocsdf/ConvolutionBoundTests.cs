using CobraAD.Methods.Ocsdf;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Methods.Ocsdf;

/// <summary>The bound against the convolution written out as a matrix, and against power iteration on images.</summary>
public sealed class ConvolutionBoundTests : IDisposable
{
    private const int Side = 6;

    private readonly DisposeScope scope = NewDisposeScope();
    private readonly Generator rng = new(2, CPU);

    public void Dispose()
    {
        rng.Dispose();
        scope.Dispose();
    }

    [Theory]
    [InlineData(3, 8)]
    [InlineData(8, 8)]
    [InlineData(8, 4)]
    [InlineData(5, 12)]
    public void An_orthogonal_layer_is_one_lipschitz_and_hardly_less(int inputs, int outputs)
    {
        using OrthogonalConvolution layer = new(inputs, outputs, rng);
        Tensor kernel = layer.ExactKernel();

        double bound = ConvolutionBound.Of(kernel), largest = LargestSingularValue(kernel);

        Assert.InRange(bound, 1, 1 + 1e-9);
        Assert.InRange(largest, 0.9, bound + 1e-9);
        Assert.InRange(ByPowerIteration(kernel), 0.9 * largest, bound + 1e-9);
    }

    [Theory]
    [InlineData(3, 8)]
    [InlineData(8, 8)]
    public void On_a_torus_it_keeps_every_length(int inputs, int outputs)
    {
        using OrthogonalConvolution layer = new(inputs, outputs, rng);
        Tensor images = randn([4, inputs, Side, Side], dtype: ScalarType.Float64, generator: rng);

        Tensor convolved = nn.functional.conv2d(nn.functional.pad(images, [1, 1, 1, 1], PaddingModes.Circular), layer.ExactKernel());

        TensorAssert.Close(images.flatten(1).norm(1), convolved.flatten(1).norm(1), 1e-9);
    }

    [Theory]
    [InlineData(0.01)]
    [InlineData(1)]
    public void No_kernel_stretches_more_than_its_bound(double scale)
    {
        for (int i = 0; i < 5; i++)
        {
            Tensor kernel = randn([4, 3, 3, 3], dtype: ScalarType.Float64, generator: rng) * scale;

            Assert.True(LargestSingularValue(kernel) <= ConvolutionBound.Of(kernel) + 1e-12);
        }
    }

    [Fact]
    public void A_layer_that_multiplies_by_three_has_the_bound_three()
    {
        Tensor kernel = zeros([1, 1, 3, 3]);
        kernel[0, 0, 0, 2] = 3;

        Assert.Equal(3, ConvolutionBound.Of(kernel), 1e-12);
    }

    [Fact]
    public void A_weight_that_is_not_finite_has_no_bound() => Assert.Equal(double.PositiveInfinity, ConvolutionBound.Of(full([2, 2, 3, 3], float.NaN)));

    /// <summary>Of the convolution of images of 6 × 6 pixels with zeros around them, as a matrix.</summary>
    private static double LargestSingularValue(Tensor kernel)
    {
        long inputs = kernel.size(1);
        Tensor basis = eye(inputs * Side * Side, dtype: ScalarType.Float64).view(-1, inputs, Side, Side);
        return linalg.svdvals(nn.functional.conv2d(basis, kernel, padding: [1, 1]).flatten(1)).max().item<double>();
    }

    private double ByPowerIteration(Tensor kernel)
    {
        Tensor image = randn([1, kernel.size(1), Side, Side], dtype: ScalarType.Float64, generator: rng);
        for (int i = 0; i < 200; i++)
        {
            image = nn.functional.conv_transpose2d(nn.functional.conv2d(image, kernel, padding: [1, 1]), kernel, padding: [1, 1]);
            image = image / image.norm();
        }

        return nn.functional.conv2d(image, kernel, padding: [1, 1]).norm().item<double>();
    }
}
