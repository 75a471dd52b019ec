using System.Numerics;
using CobraAD.Evaluation.Certification;

namespace CobraAD.Tests.Evaluation.Certification;

/// <summary>Ranks against tails summed in whole numbers.</summary>
public sealed class OrderStatisticTests
{
    [Theory]
    [InlineData(20, 1, 2, 0.05)]
    [InlineData(100, 3, 4, 0.001)]
    [InlineData(200, 1, 10, 1e-6)]
    [InlineData(333, 84, 100, 1e-9)]
    public void The_rank_is_the_smallest_whose_exact_tail_is_small_enough(int draws, int over, int under, double failure)
    {
        int rank = OrderStatistic.NotBelow(draws, over / (double)under, failure)!.Value;

        Assert.True(Tail(rank) <= failure);
        Assert.True(Tail(rank - 1) > failure);

        double Tail(int least)
        {
            BigInteger sum = 0, term = BigInteger.Pow(over, draws);
            for (int q = draws; q >= least; q--)
            {
                sum += term;
                // C(n, q-1) p^(q-1) (1-p)^(n-q+1) from C(n, q) p^q (1-p)^(n-q), over the common denominator.
                if (q > 0) term = term * q * (under - over) / ((draws - q + 1) * over);
            }

            return Math.Exp(BigInteger.Log(sum) - draws * Math.Log(under));
        }
    }

    [Theory]
    [InlineData(0.9, 0.01)]
    [InlineData(0.99, 1e-6)]
    public void With_one_draw_too_few_there_is_no_rank(double share, double failure)
    {
        int fewest = (int)OrderStatistic.FewestDraws(share, failure);

        Assert.Equal(fewest, OrderStatistic.NotBelow(fewest, share, failure));
        Assert.Null(OrderStatistic.NotBelow(fewest - 1, share, failure));
    }

    [Fact]
    public void A_bound_fails_no_more_often_than_it_may()
    {
        Random random = new(4);
        int rank = OrderStatistic.NotBelow(50, 0.7, 0.05)!.Value;

        int failures = Enumerable.Range(0, 4000).Count(_ => Enumerable.Range(0, 50).Select(_ => random.NextDouble()).Order().ElementAt(rank - 1) < 0.7);

        Assert.InRange(failures / 4000.0, 0.01, 0.065);
    }
}
