using CobraAD.Evaluation.Metrics;
using CobraAD.Methods.Cobra.Choice;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Methods.Cobra.Choice;

/// <summary>Rankings of good images and of what was crafted from them, and how sure they are.</summary>
public sealed class ResampledRankingTests : IDisposable
{
    private const int Images = 40;

    private static readonly int[] Alone = [.. Enumerable.Range(0, Images)];

    private readonly DisposeScope scope = NewDisposeScope();
    private readonly Generator rng = new(5, CPU);

    public void Dispose()
    {
        rng.Dispose();
        scope.Dispose();
    }

    [Fact]
    public void The_first_value_is_the_AUROC_of_the_images_as_they_are()
    {
        Tensor good = randn([2, Images], float64, generator: rng), anomalous = randn([2, Images], float64, generator: rng) + 0.5;
        anomalous[0, 3] = good[0, 7];

        Tensor auroc = new ResampledRanking(Alone, rng).Auroc(good, anomalous);

        bool[] labels = [.. Enumerable.Repeat(false, Images), .. Enumerable.Repeat(true, Images)];
        for (int form = 0; form < 2; form++)
            Assert.Equal(DetectionMetrics.Compute(cat([good[form], anomalous[form]]).data<double>().ToArray(), labels).Auroc, auroc[form, 0].item<double>(), 12);
    }

    [Fact]
    public void Replicates_spread_about_it_as_the_standard_error_of_an_AUROC_says()
    {
        Tensor good = randn([1, Images], float64, generator: rng), anomalous = randn([1, Images], float64, generator: rng) + 1;

        Tensor auroc = new ResampledRanking(Alone, rng).Auroc(good, anomalous);

        // Hanley and McNeil (1982), for as many good images as anomalies.
        double a = auroc[0, 0].item<double>(), q1 = a / (2 - a), q2 = 2 * a * a / (1 + a);
        double expected = Math.Sqrt((a * (1 - a) + (Images - 1) * (q1 - a * a) + (Images - 1) * (q2 - a * a)) / (Images * Images));
        Assert.InRange(ResampledRanking.Errors(auroc)[0] / expected, 0.7, 1.3);
        Assert.InRange(auroc.narrow(1, 1, auroc.size(1) - 1).mean().item<double>() - a, -0.03, 0.03);
    }

    [Fact]
    public void A_difference_of_alike_scores_is_surer_than_either()
    {
        Tensor good = randn([1, Images], float64, generator: rng), anomalous = randn([1, Images], float64, generator: rng) + 1;
        Tensor noise = 0.05 * randn([2, Images], float64, generator: rng);

        Tensor auroc = new ResampledRanking(Alone, rng).Auroc(cat([good, good, good + noise[0]]), cat([anomalous, anomalous, anomalous + noise[1]]));
        double[] alone = ResampledRanking.Errors(auroc), differences = ResampledRanking.Errors(auroc - auroc.narrow(0, 0, 1));

        Assert.Equal(0, differences[0]);
        Assert.Equal(0, differences[1]);
        Assert.InRange(differences[2], double.Epsilon, alone[0] / 3);
    }

    [Fact]
    public void Four_tiles_of_each_image_are_as_sure_as_one_where_they_are_alike()
    {
        Tensor good = randn([1, Images], float64, generator: rng), anomalous = randn([1, Images], float64, generator: rng) + 1;
        int[] tiles = [.. Enumerable.Range(0, 4 * Images).Select(tile => tile / 4)];

        Tensor alone = new ResampledRanking(Alone, rng).Auroc(good, anomalous);
        Tensor tiled = new ResampledRanking(tiles, rng).Auroc(good.repeat_interleave(4, 1), anomalous.repeat_interleave(4, 1));

        Assert.Equal(alone[0, 0].item<double>(), tiled[0, 0].item<double>(), 12);
        Assert.InRange(ResampledRanking.Errors(tiled)[0] / ResampledRanking.Errors(alone)[0], 0.8, 1.25);
    }

    [Fact]
    public void Groups_of_different_size_give_a_share_of_pairs_in_every_replicate()
    {
        int[] groups = [0, 0, 0, 0, 0, 1, 2, 2];
        Tensor scores = arange(8).to(float64).unsqueeze(0);

        Tensor auroc = new ResampledRanking(groups, rng).Auroc(scores, scores + 100);

        Assert.Equal(1, auroc.min().item<double>(), 12);
        Assert.Equal(1, auroc.max().item<double>(), 12);
    }

    [Fact]
    public void A_perfect_ranking_has_no_error()
    {
        Tensor auroc = new ResampledRanking(Alone, rng).Auroc(zeros(1, Images, float64), ones(1, Images, float64));

        Assert.Equal(1, auroc.min().item<double>());
        Assert.Equal(0, ResampledRanking.Errors(auroc)[0]);
    }
}
