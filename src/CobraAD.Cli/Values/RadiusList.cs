using CobraAD.Attacks;

namespace CobraAD.Cli.Values;

/// <summary>One or more radii: <c>4/255</c>, <c>0.01,0.02</c>, or <c>0,1,2,4,8,16/255</c>, where the denominator serves all.</summary>
internal static class RadiusList
{
    /// <summary>Reads the radii.</summary>
    /// <exception cref="FormatException">One of them is not a radius.</exception>
    public static double[] Parse(string text)
    {
        string[] parts = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length == 0) throw new FormatException("No radius given. Write 4/255, or several as 0,1,2,4,8,16/255.");
        int slash = parts[^1].IndexOf('/', StringComparison.Ordinal);
        bool isShared = slash >= 0 && parts[..^1].All(part => !part.Contains('/', StringComparison.Ordinal));
        return [.. parts.Select((part, i) => ThreatModel.ParseEpsilon(isShared && i < parts.Length - 1 ? part + parts[^1][slash..] : part))];
    }
}
