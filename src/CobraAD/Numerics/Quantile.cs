namespace CobraAD.Numerics;

/// <summary>
/// Quantiles of n ascending values x₀ ≤ … ≤ x₍ₙ₋₁₎ at a share p in [0, 1]. There is more than one definition, and results must not change by
/// choosing another, so each has its name.
/// </summary>
internal static class Quantile
{
    /// <summary>Linear between the neighbours of place p·(n - 1): the default of NumPy and R (type 7).</summary>
    public static double Interpolated(ReadOnlySpan<double> ascending, double share)
    {
        double place = share * (ascending.Length - 1);
        int below = (int)place;
        return below + 1 == ascending.Length ? ascending[below] : ascending[below] + (place - below) * (ascending[below + 1] - ascending[below]);
    }

    /// <summary>The smallest value that at least a share of all does not exceed, inf{x : F(x) ≥ p}; p above 0.</summary>
    public static double Lower(ReadOnlySpan<double> ascending, double share) => ascending[Math.Max(1, (int)Math.Ceiling(share * ascending.Length)) - 1];

    /// <summary>The smallest value that more than a share of all does not exceed, inf{x : F(x) > p}; p below 1.</summary>
    public static double Upper(ReadOnlySpan<double> ascending, double share) => ascending[(int)(share * ascending.Length)];

    /// <summary>The last value at or before place p·(n - 1): <see cref="Interpolated"/> without the way to the next one.</summary>
    public static double AtOrBefore(ReadOnlySpan<double> ascending, double share) => ascending[(int)(share * (ascending.Length - 1))];
}
