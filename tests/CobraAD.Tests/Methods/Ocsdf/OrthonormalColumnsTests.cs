using CobraAD.Methods.Ocsdf;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Methods.Ocsdf;

public sealed class OrthonormalColumnsTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly Generator rng = new(1, CPU);

    public void Dispose()
    {
        rng.Dispose();
        scope.Dispose();
    }

    [Theory]
    [InlineData(1e-3)]
    [InlineData(1)]
    [InlineData(100)]
    public void The_nearest_is_the_polar_factor_whatever_the_scale(double scale)
    {
        Tensor matrices = randn([2, 7, 4], dtype: ScalarType.Float64, generator: rng);
        (Tensor left, _, Tensor right) = linalg.svd(matrices, fullMatrices: false);

        Tensor nearest = OrthonormalColumns.Nearest(matrices * scale, 1e-13);

        TensorAssert.Close(left.bmm(right), nearest, 1e-10);
    }

    [Fact]
    public void Near_orthonormal_ones_three_rounds_suffice()
    {
        (Tensor orthonormal, _) = linalg.qr(randn([1, 8, 4], dtype: ScalarType.Float64, generator: rng));

        Tensor approached = OrthonormalColumns.Approach(orthonormal + 0.01 * randn([1, 8, 4], dtype: ScalarType.Float64, generator: rng), 3);

        TensorAssert.Close(eye(4, dtype: ScalarType.Float64), approached[0].t().mm(approached[0]), 1e-8);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(double.NaN)]
    public void Columns_that_depend_on_each_other_are_refused(double value)
    {
        Tensor matrices = ones([1, 4, 2], dtype: ScalarType.Float64);
        matrices[0, 0, 0] = value;
        if (value == 0) matrices[0, 0, 1] = value;

        Assert.Contains("cannot be made orthonormal", Assert.Throws<InvalidOperationException>(() => OrthonormalColumns.Nearest(matrices, 1e-12)).Message, StringComparison.Ordinal);
    }
}
