using System.Globalization;

namespace CobraAD.Attacks;

/// <summary>What an attacker may do to an image x in [0, 1]: move it to any x' in [0, 1] with ‖x' - x‖ ≤ ε.</summary>
/// <param name="Norm">How the perturbation is measured.</param>
/// <param name="Epsilon">
/// Radius ε in units of the full pixel range, measured at the data set's own resolution: 0 to 1 for l∞ (1 is unbounded), 0 to 1000 for l2.
/// </param>
public sealed record ThreatModel(Norm Norm, double Epsilon)
{
    private const double LargestL2 = 1000;

    /// <summary>Reads "4/255" or "linf:4/255" (l∞) and "l2:0.5".</summary>
    /// <param name="text">The norm (l∞ when left out), a colon or a space, and the radius.</param>
    /// <exception cref="FormatException">The text is neither.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The radius is outside its range.</exception>
    public static ThreatModel Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] parts = text.Split([':', ' '], 2, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        ThreatModel threat = parts.Length == 2 ? new(ParseNorm(parts[0]), ParseEpsilon(parts[1])) : new(Norm.Linf, ParseEpsilon(text));
        threat.Validate();
        return threat;
    }

    /// <summary>Reads a norm: "linf", "l∞", "inf" or "l2", "2".</summary>
    /// <param name="text">The norm's name in any case.</param>
    /// <exception cref="FormatException">The text names no norm.</exception>
    public static Norm ParseNorm(string text) => text?.Trim().ToLowerInvariant() switch
    {
        "linf" or "l∞" or "inf" or "l_inf" or "linfinity" => Norm.Linf,
        "l2" or "2" or "l_2" => Norm.L2,
        _ => throw new FormatException($"'{text}' is not a norm. Valid norms: linf, l2."),
    };

    /// <summary>Reads a radius written as a fraction ("4/255") or as a number ("0.0157").</summary>
    /// <param name="text">The radius.</param>
    /// <exception cref="FormatException">The text is neither.</exception>
    public static double ParseEpsilon(string text)
    {
        string[] parts = (text ?? "").Split('/');
        if (parts.Length <= 2 && TryNumber(parts[0], out double numerator))
        {
            if (parts.Length == 1) return numerator;
            if (TryNumber(parts[1], out double denominator) && denominator != 0) return numerator / denominator;
        }

        throw new FormatException($"'{text}' is not a radius. Write a fraction such as 4/255 or a number such as 0.0157.");

        static bool TryNumber(string part, out double value) =>
            double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);
    }

    /// <summary>Checks the radius.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative, not finite, or larger than the norm allows.</exception>
    public void Validate()
    {
        double largest = Norm == Norm.Linf ? 1 : LargestL2;
        if (!(Epsilon >= 0 && Epsilon <= largest))
        {
            throw new ArgumentOutOfRangeException(
                nameof(Epsilon), Epsilon, $"Epsilon must be between 0 and {largest} for {Norm.ToString().ToLowerInvariant()} (pixels are in [0, 1]; four grey levels are 4/255).");
        }
    }

    /// <summary>The form that <see cref="Parse"/> reads, e.g. "linf:4/255".</summary>
    public override string ToString()
    {
        double levels = Epsilon * 255;
        bool wholeLevels = Epsilon is > 0 and < 1 && Math.Abs(levels - Math.Round(levels)) < 1e-9;
        string radius = wholeLevels ? $"{Math.Round(levels)}/255" : Epsilon.ToString("R", CultureInfo.InvariantCulture);
        return $"{(Norm == Norm.Linf ? "linf" : "l2")}:{radius}";
    }
}
