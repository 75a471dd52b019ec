namespace CobraAD.Server.Drift;

/// <summary>
/// The two-sample Kolmogorov–Smirnov test: D = sup |F₁ - F₂|, and p ≈ 2 Σₖ (-1)ᵏ⁻¹ exp(-2 k² λ²) with λ = (√n + 0.12 + 0.11 / √n) D,
/// n = n₁ n₂ / (n₁ + n₂) (Stephens 1970).
/// </summary>
internal static class KolmogorovSmirnov
{
    /// <summary>Compares two samples.</summary>
    /// <param name="first">One sample, ascending.</param>
    /// <param name="second">The other, ascending.</param>
    public static (double Distance, double PValue) Compare(ReadOnlySpan<double> first, ReadOnlySpan<double> second)
    {
        double distance = 0;
        int i = 0;
        int j = 0;
        while (i < first.Length && j < second.Length)
        {
            // Equal values step together: a tie is no difference.
            double at = Math.Min(first[i], second[j]);
            while (i < first.Length && first[i] <= at) i++;
            while (j < second.Length && second[j] <= at) j++;
            distance = Math.Max(distance, Math.Abs((double)i / first.Length - (double)j / second.Length));
        }

        double root = Math.Sqrt((double)first.Length * second.Length / (first.Length + second.Length));
        return (distance, Tail((root + 0.12 + 0.11 / root) * distance));
    }

    private static double Tail(double lambda)
    {
        // Below this the alternating series needs ever more terms and the probability is 1 to six digits.
        if (lambda < 0.3) return 1;
        double sum = 0;
        for (int k = 1; k <= 20; k++) sum += (k % 2 == 1 ? 1 : -1) * Math.Exp(-2 * k * k * lambda * lambda);
        return Math.Clamp(2 * sum, 0, 1);
    }
}
