using CobraAD.Losses.Pixels;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Losses.Pixels;

public sealed class SsimTests
{
    [Fact]
    public void Equal_images_have_a_similarity_of_one()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor images = TestImages.Uniform(2, 16, ScalarType.Float64);

        Assert.Equal(1, Ssim.Mean(images, images).item<double>(), 1e-12);
    }

    [Fact]
    public void It_is_what_the_formula_gives_window_by_window()
    {
        using DisposeScope scope = NewDisposeScope();
        const int Side = 9;
        Tensor x = TestImages.Uniform(1, Side, ScalarType.Float64, seed: 1), y = TestImages.Uniform(1, Side, ScalarType.Float64, seed: 2);
        double[] a = x.flatten().data<double>().ToArray(), b = y.flatten().data<double>().ToArray();

        double sum = 0, weights = 0;
        for (int dy = -5; dy <= 5; dy++)
            for (int dx = -5; dx <= 5; dx++) weights += Math.Exp(-(dy * dy + dx * dx) / 4.5);
        for (int channel = 0; channel < 3; channel++)
            for (int row = 0; row < Side; row++)
                for (int column = 0; column < Side; column++)
                {
                    (double ma, double mb, double aa, double bb, double ab) = (0, 0, 0, 0, 0);
                    for (int dy = -5; dy <= 5; dy++)
                        for (int dx = -5; dx <= 5; dx++)
                        {
                            (int r, int c) = (row + dy, column + dx);
                            if (r < 0 || r >= Side || c < 0 || c >= Side) continue;
                            double weight = Math.Exp(-(dy * dy + dx * dx) / 4.5) / weights, p = a[(channel * Side + r) * Side + c], q = b[(channel * Side + r) * Side + c];
                            (ma, mb, aa, bb, ab) = (ma + weight * p, mb + weight * q, aa + weight * p * p, bb + weight * q * q, ab + weight * p * q);
                        }

                    const double C1 = 0.0001, C2 = 0.0009;
                    sum += (2 * ma * mb + C1) * (2 * (ab - ma * mb) + C2) / ((ma * ma + mb * mb + C1) * (aa - ma * ma + bb - mb * mb + C2));
                }

        Assert.Equal(sum / (3 * Side * Side), Ssim.Mean(x, y).item<double>(), 1e-12);
    }

    [Fact]
    public void Its_gradient_is_that_of_finite_differences()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = TestImages.Uniform(1, 8, ScalarType.Float64, seed: 1), y = TestImages.Uniform(1, 8, ScalarType.Float64, seed: 2), direction = TestImages.Uniform(1, 8, ScalarType.Float64, seed: 3) - 0.5;
        Tensor leaf = x.clone().requires_grad_();

        Ssim.Mean(leaf, y).backward();

        const double Step = 1e-6;
        double measured = (Ssim.Mean(x + Step * direction, y) - Ssim.Mean(x - Step * direction, y)).item<double>() / (2 * Step);
        Assert.Equal(measured, (leaf.grad! * direction).sum().item<double>(), 1e-8);
    }
}
