namespace CobraAD.Export;

/// <summary>How far an attack moved scores when the model was evaluated; an exported model carries it so that scores near the edge can be told.</summary>
/// <param name="Epsilon">Largest change of a pixel on the [0, 1] scale (ℓ∞) that the attack was allowed.</param>
/// <param name="NormalShift">How much it raised the scores of normal images: the 95 % quantile over the test images.</param>
/// <param name="AnomalousShift">How much it lowered the scores of anomalous images: the same quantile.</param>
/// <param name="Attack">Which attack.</param>
public sealed record RobustnessShift(double Epsilon, double NormalShift, double AnomalousShift, string Attack)
{
    private const double Share = 0.95;

    /// <summary>Estimates the shifts from scores before and after an attack.</summary>
    /// <param name="epsilon">The attack's ε.</param>
    /// <param name="attack">Its name.</param>
    /// <param name="clean">Score of each untouched image.</param>
    /// <param name="attacked">Worst score of each image under the attack.</param>
    /// <param name="isAnomalous">The label of each image.</param>
    /// <exception cref="ArgumentException">The lists differ in length, or one of the two kinds of images is missing.</exception>
    public static RobustnessShift Estimate(
        double epsilon, string attack, IReadOnlyList<double> clean, IReadOnlyList<double> attacked, IReadOnlyList<bool> isAnomalous)
    {
        ArgumentNullException.ThrowIfNull(clean);
        ArgumentNullException.ThrowIfNull(attacked);
        ArgumentNullException.ThrowIfNull(isAnomalous);
        if (clean.Count != attacked.Count || clean.Count != isAnomalous.Count)
            throw new ArgumentException($"{clean.Count} clean scores, {attacked.Count} attacked ones and {isAnomalous.Count} labels; one of each is needed for every image.", nameof(attacked));
        return new RobustnessShift(epsilon, Shift(anomalous: false), Shift(anomalous: true), attack);

        double Shift(bool anomalous)
        {
            double[] moved = [.. Enumerable.Range(0, clean.Count).Where(i => isAnomalous[i] == anomalous).Select(i => Math.Abs(attacked[i] - clean[i])).Order()];
            if (moved.Length == 0) throw new ArgumentException($"No {(anomalous ? "anomalous" : "normal")} images; the shift of both kinds is needed.", nameof(isAnomalous));
            return moved[(int)Math.Ceiling(Share * moved.Length) - 1];
        }
    }
}
