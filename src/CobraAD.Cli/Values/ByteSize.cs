using System.Buffers;
using System.Globalization;

namespace CobraAD.Cli.Values;

/// <summary>Amounts of memory as people write them: <c>2GB</c>, <c>512 MiB</c>, <c>1048576</c>.</summary>
internal static class ByteSize
{
    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789.");
    private static readonly string[] Units = ["", "K", "M", "G", "T"];

    /// <summary>Reads a size; KB, MB and GB are powers of 1000, KiB, MiB and GiB powers of 1024.</summary>
    public static bool TryParse(string text, out long bytes)
    {
        bytes = 0;
        int split = text.AsSpan().IndexOfAnyExcept(Digits);
        string digits = split < 0 ? text : text[..split];
        string unit = split < 0 ? "" : text[split..].Trim().ToUpperInvariant();
        if (!double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double amount)) return false;

        bool isBinary = unit.EndsWith("IB", StringComparison.Ordinal);
        string prefix = unit[..^(isBinary ? 2 : unit.EndsWith('B') ? 1 : 0)];
        int power = Array.IndexOf(Units, prefix);
        if (power < 0 || (isBinary && power == 0)) return false;

        double value = amount * Math.Pow(isBinary ? 1024 : 1000, power);
        if (value >= long.MaxValue) return false;
        bytes = (long)value;
        return true;
    }

    /// <inheritdoc cref="TryParse"/>
    /// <exception cref="FormatException">The text is not a size, or it is 0.</exception>
    public static long Parse(string text)
    {
        if (!TryParse(text, out long bytes)) throw new FormatException($"'{text}' is not an amount of memory. Write 2GB, 512MiB or a number of bytes.");
        return bytes > 0 ? bytes : throw new FormatException($"'{text}' must be above 0.");
    }

    /// <summary>A size in the largest binary unit that keeps it above one.</summary>
    public static string Format(long bytes)
    {
        int power = 0;
        double value = bytes;
        for (; value >= 1024 && power < Units.Length - 1; power++) value /= 1024;
        return power == 0 ? $"{bytes} B" : string.Create(CultureInfo.InvariantCulture, $"{value:0.#} {Units[power]}iB");
    }
}
