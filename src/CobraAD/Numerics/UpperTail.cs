namespace CobraAD.Numerics;

/// <summary>
/// Which of some values lie too far above the others, with a stated chance of a false alarm. Of n values take the largest k = n/2, and of these the
/// largest r = n/10 under suspicion. Where a tail falls off exponentially, the spacings i·(x₍ᵢ₎ − x₍ᵢ₊₁₎), counted from the largest, are independent
/// exponentials of one mean β (Rényi 1953), so the r largest lie above x₍ᵣ₊₁₎ as r independent exponentials, whatever the k − r spacings below say of β:
/// P(any lies more than t·β̂ above) ≤ r · (1 + t/(k − r))^−(k − r). Suspects do not enter β̂, so up to r of them hide none of the others. Where a tail falls off
/// faster, as the normal distribution's, the spacings shrink toward the largest (Barlow and Proschan 1966), and the chance is smaller.
/// </summary>
internal static class UpperTail
{
    /// <summary>Below this nothing can be told from a few values.</summary>
    public const int Fewest = 16;

    /// <summary>
    /// The chance that a sample without outliers has any value as far out as each of these; 1 for values that are not suspected. Whoever calls an
    /// outlier what is at most α is wrong about a clean sample with a chance of at most α, however many values it has.
    /// </summary>
    /// <param name="values">Finite numbers in any order; with fewer than <see cref="Fewest"/> none is suspected.</param>
    /// <param name="resolution">The least β that is believed: differences smaller than this mean nothing.</param>
    /// <returns>One number in (0, 1] for each value.</returns>
    public static double[] Chances(IReadOnlyList<double> values, double resolution)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(resolution);
        double[] chances = new double[values.Count];
        Array.Fill(chances, 1);
        if (values.Count < Fewest) return chances;

        int[] order = [.. Enumerable.Range(0, values.Count).OrderByDescending(i => values[i])];
        int tail = values.Count / 2, suspects = Math.Max(1, values.Count / 10), others = tail - suspects;
        double sum = 0;
        for (int i = suspects; i < tail; i++) sum += (i + 1) * (values[order[i]] - values[order[i + 1]]);
        double mean = Math.Max(resolution, sum / others), level = values[order[suspects]];
        for (int i = 0; i < suspects; i++)
            chances[order[i]] = Math.Min(1, suspects * Math.Pow(1 + (values[order[i]] - level) / mean / others, -others));
        return chances;
    }

    /// <summary>The same for values that may lie too far below or above.</summary>
    /// <inheritdoc cref="Chances"/>
    public static double[] ChancesOfBothSides(IReadOnlyList<double> values, double resolution)
    {
        double[] above = Chances(values, resolution), below = Chances([.. values.Select(value => -value)], resolution);
        return [.. above.Zip(below, (one, other) => Math.Min(1, 2 * Math.Min(one, other)))];
    }
}
