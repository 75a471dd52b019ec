using CobraAD.Numerics;

namespace CobraAD.Tests.Numerics;

public sealed class UpperTailTests
{
    private const double Rate = 0.05;
    private const int Trials = 2000;

    /// <summary>2,000 flawless samples: the share of them in which anything is called an outlier is at most the rate, and three standard errors.</summary>
    [Theory]
    [InlineData("exponential", 20)]
    [InlineData("exponential", 200)]
    [InlineData("normal", 40)]
    [InlineData("normal", 200)]
    [InlineData("uniform", 200)]
    public void A_flawless_sample_has_an_outlier_no_more_often_than_stated(string distribution, int count)
    {
        Random random = new(7);
        int alarms = 0;
        for (int trial = 0; trial < Trials; trial++)
        {
            double[] sample = [.. Enumerable.Range(0, count).Select(_ => Draw(distribution, random))];
            if (UpperTail.Chances(sample, 1e-9).Min() <= Rate) alarms++;
        }

        Assert.InRange((double)alarms / Trials, 0, Rate + 3 * Math.Sqrt(Rate * (1 - Rate) / Trials));
    }

    /// <summary>The bound is not far above the truth where the tail is exponential, or it would find nothing.</summary>
    [Fact]
    public void Where_the_tail_is_exponential_the_stated_rate_is_nearly_reached()
    {
        Random random = new(8);
        int alarms = Enumerable.Range(0, Trials).Count(_ => UpperTail.Chances([.. Enumerable.Range(0, 100).Select(_ => Draw("exponential", random))], 1e-9).Min() <= Rate);

        Assert.InRange((double)alarms / Trials, 0.03, 0.066);
    }

    [Fact]
    public void Outliers_do_not_hide_each_other()
    {
        Random random = new(9);
        double[] sample = [.. Enumerable.Range(0, 100).Select(i => i < 8 ? 12 + i : Draw("normal", random))];

        double[] chances = UpperTail.Chances(sample, 1e-9);

        Assert.Equal(Enumerable.Range(0, 8), Enumerable.Range(0, 100).Where(i => chances[i] <= Rate));
    }

    [Fact]
    public void What_lies_too_low_is_found_as_well()
    {
        Random random = new(10);
        double[] sample = [.. Enumerable.Range(0, 100).Select(i => i == 4 ? -12 : Draw("normal", random))];

        Assert.Equal(4, Array.FindIndex(UpperTail.ChancesOfBothSides(sample, 1e-9), chance => chance <= Rate));
        Assert.DoesNotContain(UpperTail.Chances(sample, 1e-9), chance => chance <= Rate);
    }

    [Fact]
    public void Differences_below_the_resolution_mean_nothing()
    {
        double[] sample = [.. Enumerable.Repeat(100.0, 50), 100.4];

        Assert.DoesNotContain(UpperTail.Chances(sample, resolution: 0.5), chance => chance <= Rate);
        Assert.Contains(UpperTail.Chances(sample, resolution: 0.01), chance => chance <= Rate);
    }

    [Fact]
    public void Few_values_accuse_nobody() => Assert.All(UpperTail.Chances([1, 2, 3, 1e9], 1e-9), chance => Assert.Equal(1, chance));

    private static double Draw(string distribution, Random random) => distribution switch
    {
        "exponential" => -Math.Log(1 - random.NextDouble()),
        "normal" => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()),
        _ => random.NextDouble(),
    };
}
