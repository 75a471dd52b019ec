namespace CobraAD.Attacks.Records;

/// <summary>What the fresh pass over the recorded points found. Metrics use only scores that this pass computed.</summary>
/// <param name="LargestDistance">Largest ‖x' - x‖ of any recorded point, in the norm of the threat model.</param>
/// <param name="LargestScoreDifference">Largest difference between a recorded and a recomputed score; large when a detector is random or couples images.</param>
/// <param name="Rejected">Points outside the ball or [0, 1], or with NaN: they do not count, the clean image does.</param>
/// <param name="Weakened">Points whose recomputed score harms less than the clean image's: the clean image counts.</param>
public sealed record LedgerCheck(double LargestDistance, double LargestScoreDifference, int Rejected, int Weakened)
{
    // Passes over the same image differ by rounding: far below this for float32 networks.
    private const double ScoreTolerance = 1e-5;

    /// <summary>Whether every recorded point was admissible.</summary>
    public bool Passed => Rejected == 0;

    /// <summary>Whether the fresh pass confirms what was recorded: every point admissible, and its score the same to 1e-5 of the largest clean score (of 1 if that is smaller).</summary>
    /// <param name="cleanScores">The scores of the untouched images.</param>
    public bool Confirms(IReadOnlyList<double> cleanScores) => Passed && LargestScoreDifference <= ScoreTolerance * Math.Max(1, cleanScores.Max(Math.Abs));
}
