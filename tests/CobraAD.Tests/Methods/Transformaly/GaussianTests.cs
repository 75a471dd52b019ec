using CobraAD.Methods.Transformaly;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Methods.Transformaly;

public sealed class GaussianTests
{
    [Fact]
    public void The_density_is_that_of_the_formula_for_two_dimensions()
    {
        using DisposeScope scope = NewDisposeScope();
        double[] x = [1, 2, 4, 3, 7], y = [2, 1, 5, 3, 3];
        using Gaussian gaussian = Gaussian.Fit(stack([tensor(x), tensor(y)], 1), regularization: 0.25);

        double density = gaussian.LogDensity(tensor(new[] { 0.5, -1.5 }).view(1, 2)).item<double>();

        (double mx, double my) = (x.Average(), y.Average());
        double xx = x.Sum(v => (v - mx) * (v - mx)) / 5 + 0.25, yy = y.Sum(v => (v - my) * (v - my)) / 5 + 0.25, xy = x.Zip(y, (a, b) => (a - mx) * (b - my)).Sum() / 5;
        double determinant = xx * yy - xy * xy;
        (double dx, double dy) = (0.5 - mx, -1.5 - my);
        double square = (yy * dx * dx - 2 * xy * dx * dy + xx * dy * dy) / determinant;
        Assert.Equal(-0.5 * (2 * Math.Log(2 * Math.PI) + Math.Log(determinant) + square), density, 1e-12);
    }

    [Theory]
    [InlineData(0.9)]
    [InlineData(0.5)]
    [InlineData(0.01)]
    public void Whitening_and_a_Gaussian_of_the_whitened_rows_are_one_closed_form(double share)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor rows = Rows(40, 6), query = Rows(7, 6, seed: 2);

        using Gaussian closed = Gaussian.FitWhitened(rows, share, 1e-3);

        // Step by step, by another decomposition: singular values, whitened rows, a Gaussian of these.
        Tensor mean = rows.mean([0], keepdim: true);
        (_, Tensor singular, Tensor transposed) = linalg.svd(rows - mean, fullMatrices: false);
        double[] variances = singular.square().data<double>().ToArray();
        double sum = 0, whole = variances.Sum();
        int kept = Math.Max(1, variances.TakeWhile(variance => (sum += variance) / whole <= share).Count());
        Tensor whitening = transposed.narrow(0, 0, kept).t() * Math.Sqrt(39) / singular.narrow(0, 0, kept);
        using Gaussian stepwise = Gaussian.Fit((rows - mean).mm(whitening), 1e-3);
        Assert.Equal(kept, closed.Dimensions);
        TensorAssert.Close(stepwise.LogDensity((query - mean).mm(whitening)), closed.LogDensity(query), 1e-9);
    }

    [Fact]
    public void Directions_without_variance_are_never_whitened()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor rows = Rows(5, 12);

        using Gaussian gaussian = Gaussian.FitWhitened(rows, 1, 1e-6);

        Assert.InRange(gaussian.Dimensions, 1, 4);
        Assert.True(gaussian.LogDensity(rows).isfinite().all().item<bool>());
    }

    [Fact]
    public void Its_gradient_is_that_of_finite_differences()
    {
        using DisposeScope scope = NewDisposeScope();
        using Gaussian gaussian = Gaussian.FitWhitened(Rows(40, 6), 0.9, 1e-6);
        Tensor point = Rows(1, 6, seed: 3), direction = Rows(1, 6, seed: 4), leaf = point.clone().requires_grad_();

        gaussian.LogDensity(leaf).sum().backward();

        const double Step = 1e-6;
        double measured = (gaussian.LogDensity(point + Step * direction) - gaussian.LogDensity(point - Step * direction)).item<double>() / (2 * Step);
        Assert.Equal(measured, (leaf.grad! * direction).sum().item<double>(), 1e-6 * Math.Abs(measured));
    }

    private static Tensor Rows(long count, long size, ulong seed = 1)
    {
        using Generator rng = new(seed, CPU);
        return randn([count, size], float64, generator: rng).mm(diag(arange(1, size + 1, dtype: ScalarType.Float64)) + 0.3) + 2;
    }
}
