using System.Globalization;

namespace CobraAD.Cli.Values;

/// <summary>A time that a command may take: <c>90s</c>, <c>10m</c> or <c>2h</c>.</summary>
internal static class TimeLimit
{
    /// <summary>Reads the time.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static TimeSpan Parse(string text)
    {
        double unit = text.Length == 0 ? 0 : text[^1] switch { 's' => 1, 'm' => 60, 'h' => 3600, _ => 0 };
        if (unit > 0 && double.TryParse(text.AsSpan(..^1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double count) && count * unit is >= 1 and <= 7 * 86400)
            return TimeSpan.FromSeconds(count * unit);
        throw new FormatException($"'{text}' is not a time. Write seconds, minutes or hours, at least 1s and at most 168h: 90s, 10m, 2h.");
    }
}
