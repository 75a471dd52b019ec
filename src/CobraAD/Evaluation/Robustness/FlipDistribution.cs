using CobraAD.Numerics;

namespace CobraAD.Evaluation.Robustness;

/// <summary>How far an attacker has to move the images of one class until the detector's verdict flips.</summary>
/// <param name="Correct">Images that are called correctly when untouched.</param>
/// <param name="Flipped">How many of them flip within the largest radius that was tried.</param>
/// <param name="LowerQuartile">Radius at which a quarter of the correct images has flipped; <see langword="null"/> when fewer do.</param>
/// <param name="Median">Radius at which half of them has flipped.</param>
/// <param name="UpperQuartile">Radius at which three quarters of them have flipped.</param>
public sealed record FlipDistribution(int Correct, int Flipped, double? LowerQuartile, double? Median, double? UpperQuartile)
{
    /// <summary>Summarises the flips of the images that were called correctly.</summary>
    /// <param name="radii">Where each flips; <see langword="null"/> for one that never does.</param>
    internal static FlipDistribution Of(IReadOnlyCollection<double?> radii)
    {
        double[] flips = [.. radii.Select(radius => radius ?? double.PositiveInfinity).Order()];
        return new FlipDistribution(radii.Count, flips.Count(double.IsFinite), At(0.25), At(0.5), At(0.75));

        double? At(double share) => flips.Length > 0 && Quantile.Lower(flips, share) is var radius && double.IsFinite(radius) ? radius : null;
    }
}
