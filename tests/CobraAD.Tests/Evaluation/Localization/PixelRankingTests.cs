using CobraAD.Evaluation.Localization;
using CobraAD.Evaluation.Metrics;

namespace CobraAD.Tests.Evaluation.Localization;

public sealed class PixelRankingTests
{
    [Fact]
    public void Its_AUROC_is_that_of_a_sort_of_all_pixels()
    {
        (float[] values, int[] regions, int[] sizes) = Draw(seed: 1, pixels: 5000);
        PixelRanking ranking = new();

        ranking.Add(values.AsSpan(0, 2000), regions.AsSpan(0, 2000), sizes);
        ranking.Add(values.AsSpan(2000), regions.AsSpan(2000), sizes);

        double expected = DetectionMetrics.Compute([.. values.Select(value => (double)value)], [.. regions.Select(region => region > 0)]).Auroc;
        Assert.Equal(expected, ranking.Auroc(), 1e-4);
    }

    [Fact]
    public void A_map_that_is_the_mask_finds_everything()
    {
        PixelRanking ranking = new();

        ranking.Add([0, 0, 1, 1, 0], [0, 0, 1, 1, 0], [2]);

        Assert.Equal(1, ranking.Auroc());
        Assert.Equal(1, ranking.Aupro(), 1e-12);
    }

    [Fact]
    public void A_map_that_is_the_same_everywhere_is_worth_a_guess()
    {
        PixelRanking ranking = new();

        ranking.Add([2, 2, 2, 2], [0, 0, 1, 0], [1]);

        Assert.Equal(0.5, ranking.Auroc());
        // The line from nothing to everything, averaged up to 0.3.
        Assert.Equal(0.15, ranking.Aupro(), 1e-12);
    }

    [Fact]
    public void Every_region_counts_alike_however_large()
    {
        PixelRanking ranking = new();

        // A region of one pixel is found, one of nine is missed until everything is.
        ranking.Add([5, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2], [1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 0, 0], [1, 9]);

        Assert.Equal(0.5, ranking.Aupro(), 1e-12);
        Assert.Equal(2, ranking.Regions);
    }

    [Fact]
    public void Its_largest_F1_is_that_of_a_try_of_every_threshold()
    {
        (float[] values, int[] regions, int[] sizes) = Draw(seed: 2, pixels: 800);
        PixelRanking ranking = new();

        ranking.Add(values, regions, sizes);

        double best = values.Max(threshold =>
        {
            int found = values.Where((value, i) => value >= threshold && regions[i] > 0).Count(), called = values.Count(value => value >= threshold);
            return 2.0 * found / (called + regions.Count(region => region > 0));
        });
        Assert.Equal(best, ranking.LargestF1(), 2e-3);
    }

    [Fact]
    public void Negative_values_are_ordered_too()
    {
        PixelRanking ranking = new();

        ranking.Add([-3, -2, -1, 1], [0, 0, 1, 1], [2]);

        Assert.Equal(1, ranking.Auroc());
    }

    private static (float[] Values, int[] Regions, int[] Sizes) Draw(int seed, int pixels)
    {
        Random random = new(seed);
        int[] regions = [.. Enumerable.Range(0, pixels).Select(_ => random.Next(10) == 0 ? 1 : 0)];
        float[] values = [.. regions.Select(region => (float)(random.NextDouble() + 0.5 * region))];
        return (values, regions, [regions.Sum()]);
    }
}
