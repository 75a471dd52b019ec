using CobraAD.Transforms;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.PseudoAnomalies.Crafting;

/// <summary>How often the filter notices each hard transform when it is applied alone to good images.</summary>
internal static class NoticedTransforms
{
    /// <summary>Images of each transform; the share then has a deviation of four hundredths at most.</summary>
    private const int Images = 128;

    /// <summary>Which images to measure on.</summary>
    /// <param name="unseen">Those that the filter was not fitted on; taken several times where they are few.</param>
    public static IEnumerable<long> Rows(long[] unseen) => Enumerable.Range(0, Images).Select(i => unseen[i % unseen.Length]);

    /// <summary>The share of changed images with a p-value of at most the significance, by the transform's name. Of unchanged ones it would be the significance.</summary>
    /// <param name="transforms">The hard transforms.</param>
    /// <param name="images">Good images [B, 3, H, W].</param>
    /// <param name="pValues">p of images; float64 [B] on the CPU.</param>
    /// <param name="significance">A smaller or equal p-value is an anomaly's.</param>
    /// <param name="rng">CPU generator.</param>
    public static IReadOnlyDictionary<string, double> Measure(
        IReadOnlyList<IImageTransform> transforms, Tensor images, Func<Tensor, Tensor> pValues, double significance, Generator rng)
    {
        using IDisposable frozen = no_grad();
        Dictionary<string, double> shares = new(StringComparer.Ordinal);
        foreach (IImageTransform transform in transforms)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor changed = transform is IMixingTransform mixing ? mixing.Apply(images, images.roll(1, 0), rng) : transform.Apply(images, rng);
            shares.Add(transform.Name, pValues(changed).le(significance).to(ScalarType.Float64).mean().item<double>());
        }

        return shares;
    }

    /// <summary>Whether there is anything to choose: at least two transforms of which more is noticed than of good images anyway.</summary>
    public static bool Decide(IReadOnlyDictionary<string, double> shares, double significance) => shares.Values.Count(share => share > significance) >= 2;

    /// <summary>
    /// How often each transform is to be drawn: what of its images is noticed beyond what would be noticed of good images anyway, from 0 to 1.
    /// <see langword="null"/> where they do not <see cref="Decide"/>.
    /// </summary>
    public static double[]? Weights(IReadOnlyDictionary<string, double> shares, IReadOnlyList<IImageTransform> transforms, double significance) =>
        Decide(shares, significance) ? [.. transforms.Select(transform => Math.Max(0, shares[transform.Name] - significance) / (1 - significance))] : null;
}
