namespace CobraAD.Attacks.Records;

/// <summary>What is known about one image under attack.</summary>
/// <param name="CleanScore">The score of the untouched image.</param>
/// <param name="WorstScore">The score of the recorded point: the highest found for a normal image, the lowest for an anomalous one.</param>
/// <param name="FoundBy">The attack that found the recorded point, or "clean".</param>
/// <param name="Restart">Its restart, from 0.</param>
/// <param name="Step">Its step, from 0 (the starting point).</param>
/// <param name="ForwardPasses">How often the image went through the detector.</param>
/// <param name="BackwardPasses">How often a gradient was taken back to the image.</param>
/// <param name="UnusableGradients">How many of these gradients were zero or not finite, so that a random direction stood in.</param>
public readonly record struct LedgerEntry(
    double CleanScore, double WorstScore, string FoundBy, int Restart, int Step, long ForwardPasses, long BackwardPasses, long UnusableGradients);
