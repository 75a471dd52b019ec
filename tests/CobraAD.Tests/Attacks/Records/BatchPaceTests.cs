using CobraAD.Attacks.Records;

namespace CobraAD.Tests.Attacks.Records;

public sealed class BatchPaceTests
{
    [Fact]
    public void Batches_grow_while_they_are_quick_up_to_what_memory_allows()
    {
        BatchPace pace = new(TimeSpan.FromSeconds(10));
        List<int> sizes = [];
        for (int i = 0; i < 4; i++)
        {
            sizes.Add(pace.Next(64));
            pace.Record(sizes[^1], TimeSpan.FromSeconds(0.01 * sizes[^1]));
        }

        Assert.Equal([4, 16, 64, 64], sizes);
    }

    [Fact]
    public void A_batch_takes_no_more_than_half_of_the_interval_where_images_allow_it()
    {
        BatchPace pace = new(TimeSpan.FromSeconds(10));

        pace.Record(4, TimeSpan.FromSeconds(8));
        int slow = pace.Next(64);
        pace.Record(1, TimeSpan.FromSeconds(60));

        Assert.Equal((2, 1), (slow, pace.Next(64)));
    }

    [Fact]
    public void Without_an_interval_memory_alone_decides() => Assert.Equal(64, new BatchPace(TimeSpan.Zero).Next(64));
}
