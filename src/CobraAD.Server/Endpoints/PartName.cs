using System.Globalization;
using System.Text;

namespace CobraAD.Server.Endpoints;

/// <summary>What a sender calls a part, made safe to show and to write: a label, never used as a path.</summary>
internal static class PartName
{
    private const int Longest = 200;

    /// <summary>Keeps what follows the last slash or backslash, without control and formatting characters.</summary>
    /// <param name="given">What the sender wrote.</param>
    /// <param name="otherwise">The name when nothing is left.</param>
    public static string Clean(string? given, string otherwise)
    {
        if (string.IsNullOrEmpty(given)) return otherwise;
        StringBuilder name = new();
        foreach (Rune rune in given[(given.LastIndexOfAny(['/', '\\']) + 1)..].EnumerateRunes())
        {
            // Formatting characters could turn the text around in a table or a log; the replacement character stands for half a surrogate pair.
            if (Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator) continue;
            if (name.Length + rune.Utf16SequenceLength > Longest) break;
            name.Append(rune);
        }

        string cleaned = name.ToString().Trim();
        return cleaned is "" or "." or ".." ? otherwise : cleaned;
    }
}
