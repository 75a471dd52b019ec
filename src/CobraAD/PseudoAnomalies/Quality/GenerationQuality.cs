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

    /// <summary>Makes one pseudo-anomaly of each image and compares the two sets.</summary>
    /// <param name="source">What makes them.</param>
    /// <param name="normals">The normal images; more than <paramref name="neighbours"/>.</param>
    /// <param name="features">Images [B, 3, H, W] in [0, 1] to features [B, d]; run without a gradient.</param>
    /// <param name="backbone">What <paramref name="features"/> is, for reports.</param>
    /// <param name="rng">CPU generator of the pseudo-anomalies.</param>
    /// <param name="neighbours">k of density and coverage.</param>
    /// <param name="device">Where images go; the CPU when <see langword="null"/>.</param>
    /// <param name="cancellation">Stops between two batches.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are too few images for k.</exception>
    public static GenerationQuality Measure(
        IPseudoAnomalySource source, ImageSet normals, Func<Tensor, Tensor> features, string backbone, Generator rng,
        int neighbours = NeighbourhoodQuality.DefaultNeighbours, Device? device = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(normals);
        ArgumentNullException.ThrowIfNull(features);
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        List<Tensor> real = [], made = [];
        for (int start = 0; start < normals.Count; start += BatchSize)
        {
            cancellation.ThrowIfCancellationRequested();
            using DisposeScope batchScope = NewDisposeScope();
            Tensor batch = normals.Batch(start, BatchSize, device);
            real.Add(features(batch).cpu().MoveToOuterDisposeScope());
            made.Add(features(source.Craft(batch, rng)).cpu().MoveToOuterDisposeScope());
        }

        Tensor normalFeatures = cat(real), madeFeatures = cat(made);
        return new GenerationQuality(
            source.Name, backbone, normals.Count, (int)normalFeatures.size(1), FrechetDistance.Between(normalFeatures, madeFeatures),
            NeighbourhoodQuality.Of(normalFeatures, madeFeatures, neighbours));
    }
}
