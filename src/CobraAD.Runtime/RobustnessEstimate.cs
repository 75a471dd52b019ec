namespace CobraAD.Runtime;

/// <summary>How far an attack moved scores when the model was evaluated; written at export from the evaluation.</summary>
/// <param name="Epsilon">Largest change of a pixel on the [0, 1] scale (ℓ∞) that the attack was allowed.</param>
/// <param name="NormalShift">How much the attack raised the scores of normal images (a high quantile over the test images).</param>
/// <param name="AnomalousShift">How much it lowered the scores of anomalous images (the same quantile).</param>
/// <param name="Attack">Which attack, e.g. "PGD-100 with 10 restarts".</param>
public sealed record RobustnessEstimate(double Epsilon, double NormalShift, double AnomalousShift, string Attack)
{
    /// <summary>Where the attack moved no score at all, no distance is a finite number of shifts; databases and JSON know no other numbers.</summary>
    private const double LargestMargin = 1e6;

    /// <summary>The distance of a score to the threshold in units of the shift that would carry it across.</summary>
    /// <param name="score">A raw score.</param>
    /// <param name="threshold">The threshold in use.</param>
    /// <returns>At most a million.</returns>
    public double Margin(double score, double threshold)
    {
        double shift = score > threshold ? AnomalousShift : NormalShift;
        double distance = Math.Abs(score - threshold);
        return distance >= LargestMargin * shift ? LargestMargin : distance / shift;
    }
}
