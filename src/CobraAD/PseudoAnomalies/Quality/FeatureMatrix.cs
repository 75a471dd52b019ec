using static TorchSharp.torch;

namespace CobraAD.PseudoAnomalies.Quality;

/// <summary>Features of images as the metrics of generation take them.</summary>
internal static class FeatureMatrix
{
    public static void Check(Tensor real, Tensor made, int fewest)
    {
        ArgumentNullException.ThrowIfNull(real);
        ArgumentNullException.ThrowIfNull(made);
        if (real.dim() != 2 || made.dim() != 2 || real.size(1) != made.size(1) || real.size(0) < fewest || made.size(0) < fewest)
        {
            throw new ArgumentException(
                $"Expected features [n, d] and [m, d] with at least {fewest} rows each, found [{string.Join(", ", real.shape)}] and [{string.Join(", ", made.shape)}].");
        }
    }

    public static Tensor Exact(Tensor features) => features.detach().to(ScalarType.Float64).cpu();
}
