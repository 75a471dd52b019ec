using CobraAD.PseudoAnomalies.Sources;
using CobraAD.Torch;
using static TorchSharp.torch;

namespace CobraAD.Tests.PseudoAnomalies.Sources;

public sealed class VirtualOutliersTests
{
    private static readonly VirtualOutlierOptions Options = new() { QueueLength = 400, Draws = 500 };

    [Fact]
    public void The_kept_draws_are_the_least_likely_under_the_Gaussian_of_the_features()
    {
        using var scope = NewDisposeScope();
        using VirtualOutliers outliers = new(Options with { QueueLength = 400 }, 400);
        Tensor features = Features(400);
        outliers.Observe(features);

        Tensor few = outliers.Draw(10, Stream())!, all = outliers.Draw(Options.Draws, Stream())!;

        Tensor distance = Mahalanobis(features, all);
        Tensor farthest = distance.topk(10).indexes;
        TensorAssert.Close(all.index_select(0, farthest), few, 1e-5);
        Assert.True(Mahalanobis(features, few).min().item<double>() >= distance.sort(descending: true).Values[9].item<double>() - 1e-6);
    }

    [Fact]
    public void All_draws_together_have_the_mean_and_the_covariance_of_the_features()
    {
        using var scope = NewDisposeScope();
        using VirtualOutliers outliers = new(Options with { Draws = 40_000 }, 400);
        Tensor features = Features(400);
        outliers.Observe(features);

        Tensor draws = outliers.Draw(40_000, Stream())!.to(float64);

        Tensor wanted = Covariance(features.to(float64)), found = Covariance(draws);
        Assert.InRange((draws.mean([0]) - features.to(float64).mean([0])).abs().max().item<double>(), 0, 0.05);
        Assert.InRange((found - wanted).abs().max().item<double>(), 0, 0.03 * wanted.abs().max().item<double>());
    }

    [Fact]
    public void Nothing_is_drawn_before_the_queue_is_full_or_has_seen_every_image()
    {
        using var scope = NewDisposeScope();
        using VirtualOutliers few = new(Options, 30), many = new(Options, 1000);

        foreach (VirtualOutliers outliers in (VirtualOutliers[])[few, many]) outliers.Observe(Features(29));
        Assert.Null(few.Draw(3, Stream()));
        foreach (VirtualOutliers outliers in (VirtualOutliers[])[few, many]) outliers.Observe(Features(1));
        Assert.NotNull(few.Draw(3, Stream()));
        Assert.Null(many.Draw(3, Stream()));
        many.Observe(Features(370));
        Assert.NotNull(many.Draw(3, Stream()));
    }

    [Fact]
    public void The_oldest_features_leave_the_queue()
    {
        using var scope = NewDisposeScope();
        using VirtualOutliers moved = new(Options, 400), fresh = new(Options, 400);
        Tensor latest = Features(400);

        moved.Observe(Features(300) + 100);
        moved.Observe(latest);
        fresh.Observe(latest);

        TensorAssert.SameBits(fresh.Draw(5, Stream())!, moved.Draw(5, Stream())!);
    }

    [Fact]
    public void A_feature_that_never_changes_is_no_obstacle_and_no_gradient_is_kept()
    {
        using var scope = NewDisposeScope();
        using VirtualOutliers outliers = new(Options, 50);

        outliers.Observe(zeros(50, 6).requires_grad_());
        Tensor drawn = outliers.Draw(4, Stream())!;

        Assert.True(drawn.isfinite().all().item<bool>());
        Assert.InRange(drawn.abs().max().item<float>(), 1e-3, 0.1);
        Assert.False(drawn.requires_grad);
    }

    [Fact]
    public void More_outliers_than_draws_are_refused()
    {
        using VirtualOutliers outliers = new(Options, 50);
        using Generator rng = Stream();

        Assert.Throws<ArgumentOutOfRangeException>(() => outliers.Draw(501, rng));
    }

    [Theory]
    [InlineData(null, 100, 40)]
    [InlineData(null, 1, 0)]
    [InlineData(7, 100, 7)]
    public void Outliers_begin_after_two_fifths_of_the_epochs_unless_told_otherwise(int? start, int epochs, int first)
    {
        Assert.Equal(first, new VirtualOutlierOptions { StartEpoch = start }.FirstEpoch(epochs));
    }

    private static Generator Stream() => new RandomStreams(3).Create("outliers");

    /// <summary>Correlated features of six kinds.</summary>
    private static Tensor Features(int count)
    {
        using var scope = NewDisposeScope();
        using Generator rng = new RandomStreams(count).Create("features"), mixing = new RandomStreams(1).Create("mixing");
        return (randn([count, 6], generator: rng).mm(randn([6, 6], generator: mixing)) + 2).MoveToOuterDisposeScope();
    }

    private static Tensor Mahalanobis(Tensor features, Tensor points)
    {
        Tensor exact = features.to(float64), centred = points.to(float64) - exact.mean([0]);
        Tensor precision = linalg.inv(Covariance(exact) + 1e-4 * eye(exact.size(1), dtype: float64));
        return (centred.mm(precision) * centred).sum([1]);
    }

    private static Tensor Covariance(Tensor rows)
    {
        Tensor centred = rows - rows.mean([0]);
        return centred.t().mm(centred) / rows.size(0);
    }
}
