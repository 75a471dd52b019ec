using CobraAD.Datasets;
using TorchSharp;

namespace CobraAD.Tests.Datasets;

public sealed class ImageSetTests
{
    [Fact]
    public void A_batch_is_real_between_0_and_1_in_the_order_asked_for()
    {
        using ImageSet set = Numbered(3);

        using torch.Tensor batch = set.Batch([2L, 0L, 2L]);

        Assert.Equal([3, 3, 1, 2], batch.shape);
        Assert.Equal(torch.ScalarType.Float32, batch.dtype);
        Assert.Equal([2 / 255f, 0, 2 / 255f], [batch[0, 0, 0, 0].item<float>(), batch[1, 0, 0, 0].item<float>(), batch[2, 2, 0, 1].item<float>()]);
    }

    [Fact]
    public void A_batch_belongs_to_the_scope_of_its_caller()
    {
        using ImageSet set = Numbered(3);
        using DisposeScope outer = torch.NewDisposeScope();
        torch.Tensor batch;

        using (torch.NewDisposeScope()) batch = set.Batch(0, 3);

        Assert.True(batch.IsInvalid);
    }

    [Fact]
    public void The_last_batch_is_cut_at_the_end()
    {
        using ImageSet set = Numbered(5);

        using torch.Tensor batch = set.Batch(3, 4);

        Assert.Equal(2, batch.size(0));
    }

    [Fact]
    public void The_fingerprint_tells_pixels_and_order_apart_and_nothing_else()
    {
        using ImageSet set = Numbered(3);
        using ImageSet same = set.Subset([0, 1, 2], "another name");
        using ImageSet turned = set.Subset([2, 1, 0]);

        Assert.Equal(set.Fingerprint, same.Fingerprint);
        Assert.NotEqual(set.Fingerprint, turned.Fingerprint);
        Assert.Equal(["2", "1", "0"], turned.Sources);
    }

    /// <summary>Image i is of value i.</summary>
    private static ImageSet Numbered(int count) => new(
        "numbers",
        torch.arange(count, torch.ScalarType.Byte).view(count, 1, 1, 1).repeat(1, 3, 1, 2),
        [.. Enumerable.Range(0, count).Select(i => $"{i}")]);
}
