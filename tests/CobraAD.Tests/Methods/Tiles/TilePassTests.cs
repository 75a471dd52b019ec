using CobraAD.Methods.Tiles;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Methods.Tiles;

public sealed class TilePassTests
{
    private const int Side = 16;

    private static readonly (int Top, int Left)[] Places = [.. from top in (int[])[0, 12, 24] from left in (int[])[0, 10, 24] select (top, left)];

    /// <summary>So small a part that nine tiles of two images need seven of them.</summary>
    private static TilePass Bounded => new(Side, Places, partPixels: 3 * Side * Side);

    private static TilePass Unbounded => new(Side, Places);

    [Fact]
    public void A_score_in_parts_has_the_value_and_the_gradient_of_the_score_at_once()
    {
        using DisposeScope scope = NewDisposeScope();
        using Tensor images = TestImages.Uniform(2, 40, ScalarType.Float64);

        (Tensor value, Tensor gradient) = Differentiate(Unbounded, images);
        (Tensor inParts, Tensor gradientInParts) = Differentiate(Bounded, images);

        TensorAssert.Close(value, inParts, 1e-12);
        TensorAssert.Close(gradient, gradientInParts, 1e-12);
        Assert.True(gradient.abs().amax().item<double>() > 1e-4);
    }

    [Fact]
    public void The_gradient_in_parts_agrees_with_finite_differences()
    {
        using DisposeScope scope = NewDisposeScope();
        using Tensor images = TestImages.Uniform(1, 40, ScalarType.Float64);
        (_, Tensor gradient) = Differentiate(Bounded, images);
        using Generator rng = new(3, CPU);

        foreach (int _ in Enumerable.Range(0, 8))
        {
            Tensor direction = randn(images.shape, dtype: ScalarType.Float64, generator: rng);
            const double step = 1e-5;
            double slope = (Value(Bounded, images + step * direction) - Value(Bounded, images - step * direction)) / (2 * step);

            Assert.Equal(slope, (gradient * direction).sum().item<double>(), 1e-4 * Math.Max(1, Math.Abs(slope)));
        }
    }

    [Fact]
    public void No_network_ever_sees_more_than_a_part_and_nothing_is_left_behind()
    {
        int largest = 0;
        using Tensor images = TestImages.Uniform(2, 40, ScalarType.Float64).requires_grad_();
        long before = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;

        using (NewDisposeScope())
        {
            Tensor value = Bounded.Reduce(tiles =>
            {
                largest = Math.Max(largest, (int)tiles.size(0));
                return Score(tiles);
            }, Reduce, images);
            autograd.backward([value.sum()], inputs: [images]);
        }

        images.grad!.Dispose();
        Assert.Equal(3, largest);
        // The count of a thread goes below zero where it disposes what another one made.
        Assert.True(DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount <= before);
    }

    [Fact]
    public void A_pixel_outside_of_all_tiles_has_no_gradient()
    {
        using DisposeScope scope = NewDisposeScope();
        using Tensor images = TestImages.Uniform(1, 48, ScalarType.Float64);

        (_, Tensor gradient) = Differentiate(Bounded, images);

        Assert.Equal(0, gradient.narrow(2, 40, 8).abs().amax().item<double>());
        Assert.NotEqual(0, gradient.narrow(2, 0, 40).narrow(3, 0, 40).abs().amax().item<double>());
    }

    private static (Tensor Value, Tensor Gradient) Differentiate(TilePass pass, Tensor images)
    {
        Tensor leaf = images.clone().requires_grad_();
        Tensor value = pass.Reduce(Score, Reduce, leaf);
        autograd.backward([value.sum()], inputs: [leaf]);
        return (value.detach(), leaf.grad!);
    }

    private static double Value(TilePass pass, Tensor images) => pass.Reduce(Score, Reduce, images).item<double>();

    /// <summary>Not linear, and another one at every pixel.</summary>
    private static Tensor Score(Tensor tiles)
    {
        Tensor weight = linspace(-1, 1, 3 * Side * Side, dtype: ScalarType.Float64).view(1, 3, Side, Side);
        return (tiles * weight + tiles.square()).sum([1, 2, 3]).sin() + (tiles * tiles).mean([1, 2, 3]);
    }

    private static Tensor Reduce(Tensor scores) => (scores / 0.3).logsumexp(1) * 0.3;
}
