using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.PseudoAnomalies.Quality;

/// <summary>
/// How made samples lie among the neighbourhoods of real ones (Naeem et al. 2020; the "DC" of the paper's Table 8). The neighbourhood of
/// a real sample is the open ball up to its k-th nearest other real sample.
/// </summary>
/// <param name="Neighbours">k.</param>
/// <param name="Density">Mean number of neighbourhoods that a made sample lies in, over k; may exceed 1.</param>
/// <param name="Coverage">Share of the neighbourhoods that hold a made sample.</param>
/// <param name="Precision">Share of the made samples that lie in any neighbourhood.</param>
internal sealed record NeighbourhoodQuality(int Neighbours, double Density, double Coverage, double Precision)
{
    /// <summary>The k that the metrics' authors use.</summary>
    public const int DefaultNeighbours = 5;

    /// <summary>Elements of one block of differences: 128 MiB in float64.</summary>
    private const long BlockElements = 1 << 24;

    /// <summary>(density + coverage) / 2. The paper prints one number without saying which; this is one candidate.</summary>
    public double Mean => (Density + Coverage) / 2;

    /// <summary>Measures made samples against real ones.</summary>
    /// <param name="real">[n, d], n above k.</param>
    /// <param name="made">[m, d].</param>
    /// <param name="neighbours">k, at least 1.</param>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">k is not between 1 and n - 1.</exception>
    public static NeighbourhoodQuality Of(Tensor real, Tensor made, int neighbours = DefaultNeighbours)
    {
        FeatureMatrix.Check(real, made, fewest: 1);
        if (neighbours < 1 || neighbours >= real.size(0))
            throw new ArgumentOutOfRangeException(nameof(neighbours), neighbours, $"The number of neighbours must be between 1 and {real.size(0) - 1}, one less than the real samples.");

        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        Tensor reals = FeatureMatrix.Exact(real), mades = FeatureMatrix.Exact(made);
        // The nearest is the sample itself.
        Tensor radius = Rows(reals, reals, distances => distances.topk(neighbours + 1, dim: 1, largest: false).values.select(1, neighbours));
        Tensor inside = Rows(mades, reals, distances => distances.lt(radius));
        return new NeighbourhoodQuality(
            neighbours,
            inside.to(ScalarType.Float64).sum().item<double>() / (neighbours * made.size(0)),
            inside.any(0).to(ScalarType.Float64).mean().item<double>(),
            inside.any(1).to(ScalarType.Float64).mean().item<double>());
    }

    /// <summary>A function of the Euclidean distances of each row to all of <paramref name="others"/>, by differences: a product would lose small distances.</summary>
    private static Tensor Rows(Tensor rows, Tensor others, Func<Tensor, Tensor> of)
    {
        long size = Math.Max(1, BlockElements / others.numel());
        List<Tensor> parts = [];
        for (long start = 0; start < rows.size(0); start += size)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor block = rows.narrow(0, start, Math.Min(size, rows.size(0) - start));
            parts.Add(of((block.unsqueeze(1) - others.unsqueeze(0)).square().sum([2]).sqrt()).MoveToOuterDisposeScope());
        }

        return cat(parts);
    }
}
