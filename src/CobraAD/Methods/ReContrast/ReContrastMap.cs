using CobraAD.Transforms;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Methods.ReContrast;

/// <summary>M = G_σ ∗ Σ over the six pairs of the distances 1 - cos at every place, each enlarged to the images' size (bilinear, corners aligned).</summary>
internal static class ReContrastMap
{
    /// <summary>The map, float64 [B, 1, height, width]; the caller disposes it.</summary>
    /// <param name="pairs">Three stages, two pairs each.</param>
    /// <param name="height">Of the images that the encoders saw.</param>
    /// <param name="width">Of the images that the encoders saw.</param>
    /// <param name="sigma">Of the blur, in places of the first pair's maps.</param>
    public static Tensor Of(IReadOnlyList<MapPair> pairs, long height, long width, double sigma)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor map = pairs
            .Select(pair => nn.functional.interpolate(pair.Distance().to(ScalarType.Float64), [height, width], mode: InterpolationMode.Bilinear, align_corners: true))
            .Aggregate((sum, term) => sum + term);
        (int radius, double deviation) = Blur(height, width, pairs[0].Encoded.size(2), sigma);
        return GaussianBlur.Apply(map, GaussianBlur.Kernel(radius, deviation)).MoveToOuterDisposeScope();
    }

    /// <summary>The blur in pixels of a map of a size: to four deviations, and never to more than the reflected border has.</summary>
    public static (int Radius, double Sigma) Blur(long height, long width, long places, double sigma)
    {
        double deviation = sigma * height / places;
        return ((int)Math.Min(Math.Ceiling(4 * deviation), Math.Min(height, width) - 1), deviation);
    }
}
