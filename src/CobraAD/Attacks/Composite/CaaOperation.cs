using System.Globalization;

namespace CobraAD.Attacks.Composite;

/// <summary>One link of a CAA policy, written "mt@1x50": what it does, its radius as a share of ε, its steps.</summary>
/// <param name="Kind">"mt" (multi-targeted), "cw" (APGD without momentum on J), "pgd", "mi" (momentum), "ddn" (decoupled direction and norm).</param>
/// <param name="Magnitude">Radius of its random start as a share of ε, above 0 and at most 1.</param>
/// <param name="Steps">Gradient steps; for "mt" those of each target.</param>
internal sealed record CaaOperation(string Kind, double Magnitude, int Steps)
{
    public static readonly string[] Kinds = ["mt", "cw", "pgd", "mi", "ddn"];

    public static CaaOperation[] ParsePolicy(string policy) => [.. policy.Split('>', StringSplitOptions.TrimEntries).Select(Parse)];

    public override string ToString() => $"{Kind}@{Magnitude.ToString(CultureInfo.InvariantCulture)}x{Steps}";

    private static CaaOperation Parse(string text)
    {
        string[] parts = text.Split('@', 'x');
        if (parts.Length == 3 && Kinds.Contains(parts[0])
            && double.TryParse(parts[1], NumberStyles.Float, CultureInfo.InvariantCulture, out double magnitude) && magnitude is > 0 and <= 1
            && int.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out int steps) && steps > 0)
        {
            return new CaaOperation(parts[0], magnitude, steps);
        }

        throw new FormatException(
            $"'{text}' is not a step of a CAA policy. Write KIND@MAGNITUDExSTEPS joined by '>', e.g. mt@1x50>cw@1x125; kinds: {string.Join(", ", Kinds)}; magnitudes above 0 and at most 1.");
    }
}
