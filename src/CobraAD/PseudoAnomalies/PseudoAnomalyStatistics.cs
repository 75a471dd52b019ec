namespace CobraAD.PseudoAnomalies;

/// <summary>What the rejection sampling did.</summary>
/// <param name="Images">Pseudo-anomalies made.</param>
/// <param name="Candidates">Candidates drawn for them.</param>
/// <param name="Exhausted">Images for which no candidate was accepted; they got the least likely one.</param>
/// <param name="PValueSum">Sum of the p-values of the pseudo-anomalies; 0 without the filter.</param>
public sealed record PseudoAnomalyStatistics(long Images, long Candidates, long Exhausted, double PValueSum)
{
    /// <summary>Nothing made yet.</summary>
    public static PseudoAnomalyStatistics None { get; } = new(0, 0, 0, 0);

    /// <summary>Share of the candidates that were accepted; NaN before the first.</summary>
    public double AcceptancePerTry => (double)(Images - Exhausted) / Candidates;

    /// <summary>Candidates for each image; NaN before the first.</summary>
    public double MeanTries => (double)Candidates / Images;

    /// <summary>Mean p-value of the pseudo-anomalies; NaN before the first.</summary>
    public double MeanPValue => PValueSum / Images;

    /// <summary>Both together.</summary>
    /// <param name="first">One part.</param>
    /// <param name="second">Another part.</param>
    public static PseudoAnomalyStatistics operator +(PseudoAnomalyStatistics first, PseudoAnomalyStatistics second) => new(
        first.Images + second.Images, first.Candidates + second.Candidates, first.Exhausted + second.Exhausted, first.PValueSum + second.PValueSum);

    /// <summary>What happened since an earlier state.</summary>
    /// <param name="later">The later state.</param>
    /// <param name="earlier">The earlier state.</param>
    public static PseudoAnomalyStatistics operator -(PseudoAnomalyStatistics later, PseudoAnomalyStatistics earlier) => new(
        later.Images - earlier.Images, later.Candidates - earlier.Candidates, later.Exhausted - earlier.Exhausted, later.PValueSum - earlier.PValueSum);
}
