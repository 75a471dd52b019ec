using CobraAD.Detection;

namespace CobraAD.Methods.Maintenance;

/// <summary>
/// How likely a good part has a score at least as high as a given one, from n scores of good parts: (1 + number of those that are as high) / (n + 1), the
/// p-value of conformal prediction. It ends at 1 / (n + 1), far too coarse to refuse anything by; beyond the largest score x₍₁₎ the tail is taken
/// to be exponential, whose mean β̂ the k = n/2 largest scores tell: p = (1 + (s − x₍₁₎)/(k·β̂))^−k / (n + 1), exact for an exponential tail (see
/// <see cref="Numerics.UpperTail"/>), and too large for one that falls off faster.
/// </summary>
internal sealed class PartPValue
{
    private readonly double[] descending;
    private readonly int tail;
    private readonly double mean;

    /// <param name="calibration">The operating point, with the scores that it comes from.</param>
    public PartPValue(ScoreCalibration calibration)
    {
        descending = [.. calibration.Scores.OrderDescending()];
        tail = Math.Max(1, Math.Min(descending.Length - 1, descending.Length / 2));
        double sum = 0;
        for (int i = 0; i + 1 < descending.Length && i < tail; i++) sum += (i + 1) * (descending[i] - descending[i + 1]);
        // Of scores that are all the same nothing tells how far another may lie from them but the calibration's own unit.
        mean = Math.Max(sum / tail, 1e-3 * calibration.Scale);
    }

    /// <summary>The p-value of a score, in (0, 1].</summary>
    public double Of(double score)
    {
        if (score <= descending[0]) return (1.0 + descending.Count(known => known >= score)) / (descending.Length + 1);
        return Math.Pow(1 + (score - descending[0]) / mean / tail, -tail) / (descending.Length + 1);
    }
}
