using CobraAD.Torch;
using CobraAD.Training.Segments;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Training.Segments;

public sealed class BatchStatisticsTests
{
    [Fact]
    public void Parts_of_any_size_have_the_mean_and_the_variance_of_the_whole()
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator rng = new RandomStreams(1).Create("maps");
        Tensor map = randn([9, 3, 4, 5], dtype: float64, generator: rng);
        BatchStatistics statistics = new(3, CPU);

        foreach (Tensor part in map.split([1, 5, 3])) statistics.Add(part);

        Assert.Equal(9 * 4 * 5, statistics.Count);
        TensorAssert.Close(map.mean([0L, 2, 3]), statistics.Mean, 1e-14);
        TensorAssert.Close(map.var([0L, 2, 3], unbiased: false), statistics.Variance, 1e-14);
    }

    [Fact]
    public void A_mean_far_from_zero_costs_no_digits_of_the_variance()
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator rng = new RandomStreams(1).Create("maps");
        Tensor map = (1000 + randn([32, 2, 8, 8], generator: rng)).to(float32), exact = map.to(float64);
        BatchStatistics statistics = new(2, CPU);

        foreach (Tensor part in map.split(5)) statistics.Add(part);

        // E[x²] - E[x]² in float32 would be off by 1000² · 6e-8, six per cent of it.
        TensorAssert.Close(exact.var([0L, 2, 3], unbiased: false), statistics.Variance, 1e-5);
    }
}
