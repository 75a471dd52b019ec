using CobraAD.Datasets;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.PseudoAnomalies.Quality;

/// <summary>How pseudo-anomalies compare with the normal images they were made of (paper, Table 8).</summary>
/// <param name="Source">What made them.</param>
/// <param name="Backbone">Whose features were compared; values on different backbones are not comparable.</param>
/// <param name="Images">Number of normal images, and of pseudo-anomalies.</param>
/// <param name="FeatureSize">Width of a feature; with fewer images than this the Fréchet distance is biased upwards.</param>
/// <param name="Frechet">The Fréchet distance; small: close to normal.</param>
/// <param name="Neighbourhoods">Density, coverage and precision; large: diverse and near.</param>
internal sealed record GenerationQuality(
    string Source, string Backbone, int Images, int FeatureSize, double Frechet, NeighbourhoodQuality Neighbourhoods)
{
    private const int BatchSize = 64;

    /// <summary>Makes one pseudo-anomaly of each image and compares the two sets, by each of some features.</summary>
    /// <param name="source">What makes them.</param>
    /// <param name="normals">The normal images; more than <paramref name="neighbours"/>.</param>
    /// <param name="spaces">Images [B, 3, H, W] in [0, 1] to features [B, d], run without a gradient, and what these are, for reports.</param>
    /// <param name="rng">CPU generator of the pseudo-anomalies.</param>
    /// <param name="neighbours">k of density and coverage.</param>
    /// <param name="device">Where images go; the CPU when <see langword="null"/>.</param>
    /// <param name="cancellation">Stops between two batches.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are too few images for k.</exception>
    /// <returns>One comparison for each of the features.</returns>
    public static GenerationQuality[] Measure(
        IPseudoAnomalySource source, ImageSet normals, IReadOnlyList<(Func<Tensor, Tensor> Features, string Backbone)> spaces, Generator rng,
        int neighbours = NeighbourhoodQuality.DefaultNeighbours, Device? device = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(normals);
        ArgumentNullException.ThrowIfNull(spaces);
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        List<Tensor>[] real = [.. spaces.Select(_ => new List<Tensor>())], made = [.. spaces.Select(_ => new List<Tensor>())];
        for (int start = 0; start < normals.Count; start += BatchSize)
        {
            cancellation.ThrowIfCancellationRequested();
            using DisposeScope batchScope = NewDisposeScope();
            Tensor batch = normals.Batch(start, BatchSize, device), crafted = source.Craft(batch, rng);
            for (int i = 0; i < spaces.Count; i++)
            {
                real[i].Add(spaces[i].Features(batch).cpu().MoveToOuterDisposeScope());
                made[i].Add(spaces[i].Features(crafted).cpu().MoveToOuterDisposeScope());
            }
        }

        return [.. spaces.Select((space, i) => Compare(space.Backbone, cat(real[i]), cat(made[i])))];

        GenerationQuality Compare(string backbone, Tensor normalFeatures, Tensor madeFeatures) => new(
            source.Name, backbone, normals.Count, (int)normalFeatures.size(1), FrechetDistance.Between(normalFeatures, madeFeatures),
            NeighbourhoodQuality.Of(normalFeatures, madeFeatures, neighbours));
    }
}
