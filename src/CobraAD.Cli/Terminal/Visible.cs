using System.Text;

namespace CobraAD.Cli.Terminal;

/// <summary>Makes texts of others, such as file names, harmless to a terminal and a table.</summary>
internal static class Visible
{
    /// <summary>Replaces what would command the terminal (colours, titles, a line taken back) or turn the text around.</summary>
    /// <param name="text">The text; line ends and tabs stay.</param>
    public static string Of(string text)
    {
        StringBuilder? visible = null;
        for (int i = 0; i < text.Length; i++)
        {
            // U+202A to U+202E and U+2066 to U+2069 change the direction of what follows.
            if (!char.IsControl(text[i]) && text[i] is not (>= '\u202a' and <= '\u202e' or >= '\u2066' and <= '\u2069')) continue;
            if (text[i] is '\n' or '\t' || (text[i] == '\r' && i + 1 < text.Length && text[i + 1] == '\n')) continue;
            visible ??= new StringBuilder(text);
            visible[i] = '\ufffd';
        }

        return visible?.ToString() ?? text;
    }

    /// <summary>A text as a field of comma-separated values (RFC 4180), which no spreadsheet takes for a formula.</summary>
    /// <param name="text">The text.</param>
    public static string AsField(string text)
    {
        string field = text is ['=' or '+' or '-' or '@' or '\t' or '\r', ..] ? "'" + text : text;
        return field.AsSpan().IndexOfAny(",\"\r\n") < 0 ? field : $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}
