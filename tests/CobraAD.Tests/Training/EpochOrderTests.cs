using CobraAD.Torch;
using CobraAD.Training;

namespace CobraAD.Tests.Training;

public sealed class EpochOrderTests
{
    [Theory]
    [InlineData(209, 128, 2)]
    [InlineData(500, 64, 8)]
    [InlineData(64, 64, 1)]
    [InlineData(10, 64, 1)]
    public void Every_image_is_seen_once_in_batches_of_nearly_equal_size(int images, int batchSize, int steps)
    {
        EpochOrder order = new(images, 0, batchSize, new RandomStreams(1), 0);

        long[][] batches = [.. Enumerable.Range(0, order.Steps).Select(step => order.Batch(step).ToArray())];

        Assert.Equal(steps, order.Steps);
        Assert.Equal(Enumerable.Range(0, images).Select(i => (long)i), batches.SelectMany(batch => batch).Order());
        Assert.True(batches.Max(batch => batch.Length) - batches.Min(batch => batch.Length) <= 1);
        Assert.True(batches.Max(batch => batch.Length) <= batchSize);
    }

    [Fact]
    public void A_long_epoch_repeats_the_set_evenly()
    {
        EpochOrder order = new(10, 35, 8, new RandomStreams(1), 0);

        IEnumerable<int> counts = Enumerable.Range(0, order.Steps).SelectMany(step => order.Batch(step).ToArray()).CountBy(i => i).Select(pair => pair.Value);

        Assert.All(counts, count => Assert.InRange(count, 3, 4));
    }

    [Fact]
    public void Epochs_differ_and_repeat_under_the_seed()
    {
        long[] Order(int epoch) => new EpochOrder(100, 0, 100, new RandomStreams(9), epoch).Batch(0).ToArray();

        Assert.Equal(Order(3), Order(3));
        Assert.NotEqual(Order(3), Order(4));
    }
}
