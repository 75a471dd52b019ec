using System.CommandLine.Parsing;
using System.Globalization;

namespace CobraAD.Cli.Values;

/// <summary>Amounts of time as people write them: <c>90s</c>, <c>20m</c>, <c>1.5h</c>.</summary>
internal static class Duration
{
    /// <summary>Reads an amount of time above zero, at most a year.</summary>
    public static bool TryParse(string text, out TimeSpan time)
    {
        time = default;
        double unit = text.Length == 0 ? 0 : text[^1] switch
        {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            _ => 0,
        };
        if (unit == 0 || !double.TryParse(text[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double amount)) return false;
        double seconds = amount * unit;
        if (seconds is <= 0 or > 366 * 86400) return false;
        time = TimeSpan.FromSeconds(seconds);
        return true;
    }

    /// <summary>The parser of an option that may be left out: a wrong text is a usage error before anything runs.</summary>
    public static TimeSpan? Optional(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        if (TryParse(text, out TimeSpan time)) return time;
        string option = result.Parent is OptionResult { Option.Name: var name } ? name : "The value";
        result.AddError($"{option} must be an amount of time such as 90s, 20m or 1.5h, found '{text}'.");
        return null;
    }

    /// <summary>An amount of time in words: "40 seconds", "14 minutes", "2.5 hours".</summary>
    public static string InWords(TimeSpan time) => time.TotalSeconds < 90 ? Words(time.TotalSeconds, "0", "second")
        : time.TotalMinutes < 90 ? Words(time.TotalMinutes, "0", "minute") : Words(time.TotalHours, "0.#", "hour");

    /// <summary>A running time in the digits of a clock, which do not begin anew after a day: "0:07", "12:30", "30:05:00".</summary>
    public static string OnAClock(TimeSpan time)
    {
        long hours = (long)time.TotalHours;
        return hours == 0 ? time.ToString(@"m\:ss", CultureInfo.InvariantCulture) : hours.ToString(CultureInfo.InvariantCulture) + time.ToString(@"\:mm\:ss", CultureInfo.InvariantCulture);
    }

    private static string Words(double amount, string format, string unit)
    {
        string number = amount.ToString(format, CultureInfo.InvariantCulture);
        return number == "1" ? $"1 {unit}" : $"{number} {unit}s";
    }
}
