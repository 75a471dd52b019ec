using static TorchSharp.torch;

namespace CobraAD.Methods.ReContrast;

/// <summary>
/// L = ½ Σ over the six pairs of mean over the images of 1 - cos(sg(e), d), whole maps e (encoded) and d (decoded) as one vector each. No
/// gradient goes into e (sg), so E learns through what is decoded from it; and none into d where its distance 1 - cos from e at that place
/// is below mean + a · deviation of the batch's ("hard mining", Guo et al. 2023, section 3.3).
/// </summary>
internal static class ReContrastLoss
{
    /// <summary>The loss; in the caller's scope.</summary>
    /// <param name="pairs">Three stages, two pairs each.</param>
    /// <param name="mining">a.</param>
    public static Tensor Of(IReadOnlyList<MapPair> pairs, double mining) =>
        pairs.Select(pair => OfPair(pair, mining)).Aggregate((sum, term) => sum + term) / 2;

    /// <summary>a at a step: from -3 to its end in the first tenth of the training.</summary>
    public static double MiningAt(long step, int steps, double end) => Math.Min(end, -3 + (end + 3) * step / (0.1 * steps));

    private static Tensor OfPair(MapPair pair, double mining)
    {
        Tensor encoded = pair.Encoded.detach(), easy;
        using (no_grad())
        {
            Tensor distance = new MapPair(encoded, pair.Decoded).Distance();
            easy = distance < distance.mean() + mining * distance.std();
        }

        // The same values; at easy places constants.
        return new MapPair(encoded, where(easy, pair.Decoded.detach(), pair.Decoded)).WholeDistance().mean();
    }
}
