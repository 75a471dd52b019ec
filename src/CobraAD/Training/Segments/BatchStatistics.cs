using CobraAD.Mpi;
using CobraAD.Training.Parallel;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Training.Segments;

/// <summary>
/// Mean and variance of every channel over rows that come in parts. Two parts a, b with n values, mean μ and sum of squared deviations S
/// make (Chan, Golub and LeVeque 1983), with δ = μ_b - μ_a:
/// μ = μ_a + δ n_b/n, S = S_a + S_b + δ² n_a n_b/n.
/// </summary>
/// <remarks>
/// E[x²] - E[x]² would lose as many digits as the mean is larger than the deviation. The few numbers of a channel are combined in float64;
/// a part's own sums are taken in the type of the network.
/// </remarks>
internal sealed class BatchStatistics(long channels, Device device)
{
    private readonly Tensor squares = zeros(channels, ScalarType.Float64, device);

    /// <summary>Values of one channel so far.</summary>
    public long Count { get; private set; }

    /// <summary>float64 [channels]; part of this, and in the dispose scope in which this was made.</summary>
    public Tensor Mean { get; } = zeros(channels, ScalarType.Float64, device);

    /// <summary>The biased variance, S/n, float64 [channels]; the caller disposes it.</summary>
    public Tensor Variance => squares / Count;

    /// <param name="map">[n, channels, height, width], float32 or float64.</param>
    public void Add(Tensor map)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor mean = map.mean([0, 2, 3]), deviation = map - mean.view(1, -1, 1, 1);
        long count = map.numel() / map.size(1), all = Count + count;
        Tensor difference = mean.to(ScalarType.Float64) - Mean;
        squares.add_(deviation.mul_(deviation).sum([0L, 2, 3]).to(ScalarType.Float64)).add_(difference.square() * ((double)Count * count / all));
        Mean.add_(difference * ((double)count / all));
        Count = all;
    }

    /// <summary>Makes them the statistics of the rows of all ranks: μ = Σ nᵣ μᵣ / Σ nᵣ and S = Σ (Sᵣ + nᵣ (μᵣ - μ)²).</summary>
    public void Join(IRanks ranks)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor sums = cat([Mean * Count, full([1], (double)Count, ScalarType.Float64, Mean.device)]);
        ranks.Sum(sums);
        long all = (long)sums[-1].item<double>();
        Tensor mean = sums.narrow(0, 0, Mean.size(0)) / all;
        squares.add_((Mean - mean).square() * Count);
        ranks.Sum(squares);
        Mean.copy_(mean);
        Count = all;
    }
}
