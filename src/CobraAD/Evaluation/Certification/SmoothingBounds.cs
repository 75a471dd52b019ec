using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Evaluation.Certification;

/// <summary>
/// Bounds of the median score under noise N(0, σ²) (Chiang et al., Detection as Regression, NeurIPS 2020, lemma 1): whatever ‖δ‖₂ ≤ ε,
/// q_{Φ(-ε/σ)}(x) ≤ median(x + δ) ≤ q_{Φ(ε/σ)}(x), where q_p(x) is the p-quantile of the score of x + N(0, σ²). The quantiles are bounded by
/// order statistics (<see cref="OrderStatistic"/>); by symmetry the lower rank is the mirror image of the upper one.
/// </summary>
internal static class SmoothingBounds
{
    /// <summary>The ranks of the lower and the upper bound among sorted draws, counted from 1.</summary>
    /// <param name="options">σ, n and the confidence.</param>
    /// <param name="radius">ε.</param>
    /// <param name="images">How many images get bounds; the probability of a failure is shared by both bounds of all of them at all radii.</param>
    /// <exception cref="ArgumentException">There are too few draws for the confidence; the message says how many are needed.</exception>
    public static (int Lower, int Upper) Ranks(CertificationOptions options, double radius, int images)
    {
        double failure = (1 - options.Confidence) / (2.0 * images * options.Radii.Count), share = Normal(radius / options.Sigma);
        int? upper = share < 1 ? OrderStatistic.NotBelow(options.Samples, share, failure) : null;
        if (upper is { } rank) return (options.Samples + 1 - rank, rank);
        string needed = share < 1 ? $"{OrderStatistic.FewestDraws(share, failure):N0} are needed" : "no number is enough";
        throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
            $"{options.Samples} samples are too few for the radius {radius} with sigma {options.Sigma} and confidence {options.Confidence} on {images} images: {needed}. Use more samples, a larger sigma or a smaller radius."));
    }

    /// <summary>Φ.</summary>
    private static double Normal(double value)
    {
        using DisposeScope scope = NewDisposeScope();
        return 0.5 * special.erfc(tensor(-value / Math.Sqrt(2), ScalarType.Float64)).item<double>();
    }
}
