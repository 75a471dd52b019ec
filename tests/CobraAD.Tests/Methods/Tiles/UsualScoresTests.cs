using CobraAD.Methods.Tiles;

namespace CobraAD.Tests.Methods.Tiles;

public sealed class UsualScoresTests
{
    [Fact]
    public void Places_of_a_texture_are_all_alike()
    {
        UsualScores usual = UsualScores.Of(Draw(images: 12, places: 40, placeSpread: 0), positionAware: true);

        Assert.InRange(usual.PlaceWeight, 0, 0.35);
        Assert.All(usual.Mean, mean => Assert.InRange(mean, 4.6, 5.4));
        Assert.All(usual.Deviation, deviation => Assert.InRange(deviation, 0.6, 1.5));
    }

    [Fact]
    public void Places_of_aligned_parts_have_means_of_their_own()
    {
        IReadOnlyList<double[]> scores = Draw(images: 12, places: 40, placeSpread: 10);

        UsualScores usual = UsualScores.Of(scores, positionAware: true);

        Assert.InRange(usual.PlaceWeight, 0.95, 1);
        Assert.InRange(usual.Mean.Max() - usual.Mean.Min(), 15, 80);
        Assert.All(usual.Deviation, deviation => Assert.InRange(deviation, 0.5, 2));
        Assert.All(scores, row => Assert.All(usual.Standardize(row), z => Assert.InRange(z, -6, 6)));
    }

    [Fact]
    public void Places_are_not_told_apart_when_nobody_wants_it_or_images_are_too_few()
    {
        IReadOnlyList<double[]> scores = Draw(images: 12, places: 40, placeSpread: 10);

        foreach (UsualScores usual in (UsualScores[])[UsualScores.Of(scores, positionAware: false), UsualScores.Of([.. scores.Take(2)], positionAware: true)])
        {
            Assert.Equal(0, usual.PlaceWeight);
            Assert.Single(usual.Mean.Distinct());
            Assert.Single(usual.Deviation.Distinct());
        }
    }

    [Fact]
    public void Scores_that_do_not_vary_still_have_a_unit() =>
        Assert.All(UsualScores.Of([[1, 1], [1, 1], [1, 1]], positionAware: true).Deviation, deviation => Assert.True(deviation > 0));

    private static List<double[]> Draw(int images, int places, double placeSpread)
    {
        Random rng = new(1);
        double[] own = [.. Enumerable.Range(0, places).Select(_ => 5 + placeSpread * Normal(rng))];
        return [.. Enumerable.Range(0, images).Select(_ => own.Select(mean => mean + Normal(rng)).ToArray())];
    }

    private static double Normal(Random rng) => Math.Sqrt(-2 * Math.Log(1 - rng.NextDouble())) * Math.Cos(2 * Math.PI * rng.NextDouble());
}
