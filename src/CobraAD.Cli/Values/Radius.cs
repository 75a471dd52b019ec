using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace CobraAD.Cli.Values;

/// <summary>Perturbation radii as people write them: <c>4/255</c> or <c>0.0157</c>.</summary>
internal static class Radius
{
    /// <summary>Reads a radius.</summary>
    /// <param name="text">A decimal number, or two with a slash between them.</param>
    /// <param name="radius">The radius, or 0.</param>
    public static bool TryParse(string text, out double radius)
    {
        radius = 0;
        string[] parts = text.Split('/');
        if (parts.Length > 2 || !TryNumber(parts[0], out double numerator)) return false;

        double denominator = 1;
        if (parts.Length == 2 && (!TryNumber(parts[1], out denominator) || denominator == 0)) return false;

        radius = numerator / denominator;
        return double.IsFinite(radius);
    }

    /// <summary>An option that takes a radius.</summary>
    public static Option<double?> Option(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "4/255",
        CustomParser = Parse,
    };

    private static double? Parse(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        if (TryParse(text, out double radius)) return radius;
        result.AddError($"Expected a radius such as 4/255 or 0.0157, found '{text}'.");
        return null;
    }

    private static bool TryNumber(string text, out double number) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out number);
}
