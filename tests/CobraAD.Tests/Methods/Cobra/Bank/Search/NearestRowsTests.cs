using CobraAD.Methods.Cobra.Bank.Search;

namespace CobraAD.Tests.Methods.Cobra.Bank.Search;

public sealed class NearestRowsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(100)]
    public void Keeps_the_best_and_of_equal_ones_the_first(int capacity)
    {
        Random random = new(capacity);
        // Few different scores, so that many tie.
        (double Score, long Row)[] all = [.. Enumerable.Range(0, 500).Select(row => (Math.Round(random.NextDouble(), 2), (long)row))];
        random.Shuffle(all);
        NearestRows nearest = new(capacity);

        foreach ((double score, long row) in all) nearest.Offer(score, row);

        (double, long)[] expected = [.. all.OrderByDescending(item => item.Score).ThenBy(item => item.Row).Take(capacity)];
        Assert.Equal(expected, nearest.Found.ToArray().OrderByDescending(item => item.Score).ThenBy(item => item.Row));
        Assert.Equal(expected[^1].Item1, nearest.Worst);
    }

    [Fact]
    public void What_is_not_a_number_is_better_than_everything()
    {
        NearestRows nearest = new(1);

        nearest.Offer(1e300, 0);
        nearest.Offer(double.NaN, 1);
        nearest.Offer(double.PositiveInfinity, 2);

        Assert.Equal([(double.PositiveInfinity, 1L)], nearest.Found.ToArray());
    }
}
