using CobraAD.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Torch;

public sealed class PartedPassTests
{
    [Theory]
    [InlineData(5, 2, new long[] { 2, 2, 1 })]
    [InlineData(4, 4, new long[] { 4 })]
    [InlineData(1, 9, new long[] { 1 })]
    public void Without_a_gradient_a_part_has_no_more_images_than_allowed(int images, int most, long[] expected)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor batch = arange(images, dtype: ScalarType.Float64).view(images, 1, 1, 1);
        List<long> seen = [];

        Tensor sums = PartedPass.Of(batch, most, part =>
        {
            seen.Add(part.size(0));
            return part.sum([1, 2, 3]) * 2;
        });

        Assert.Equal(expected, seen);
        Assert.Equal(Enumerable.Range(0, images).Select(i => 2.0 * i), sums.data<double>().ToArray());
    }

    [Fact]
    public void With_a_gradient_all_images_are_one_part()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor batch = ones(5, 1, 1, 1, ScalarType.Float64).requires_grad_();
        int parts = 0;

        Tensor sums = PartedPass.Of(batch, 2, part =>
        {
            parts++;
            return part.sum([1, 2, 3]) * 3;
        });
        autograd.backward([sums.sum()], inputs: [batch]);

        Assert.Equal(1, parts);
        Assert.All(batch.grad!.data<double>().ToArray(), slope => Assert.Equal(3, slope));
    }

    [Theory]
    [InlineData(128, 256, 2)]
    [InlineData(8, 32, 2048)]
    [InlineData(128, 5000, 1)]
    public void Wide_maps_of_large_images_leave_room_for_few(int channels, int side, int expected) => Assert.Equal(expected, PartedPass.SizeFor(channels, side, side));
}
