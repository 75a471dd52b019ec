namespace CobraAD.Cli.Configuration;

/// <summary>Finds what a misspelt name was meant to be.</summary>
internal static class Spelling
{
    /// <summary>The candidate with the fewest <see cref="Mistakes"/>.</summary>
    public static string Nearest(string word, IEnumerable<string> candidates) => candidates.MinBy(candidate => Mistakes(word, candidate)) ?? "";

    /// <summary>How many mistakes make a word out of a name: one for cutting it short, wherever that is, otherwise the edit distance, ignoring case.</summary>
    public static int Mistakes(string word, string name) =>
        name.Length > word.Length && name.StartsWith(word, StringComparison.OrdinalIgnoreCase) ? 1 : Distance(word, name);

    /// <summary>Levenshtein's distance: insertions, deletions and substitutions that turn one word into the other.</summary>
    internal static int Distance(string one, string other)
    {
        int[] previous = [.. Enumerable.Range(0, other.Length + 1)];
        int[] current = new int[other.Length + 1];
        for (int i = 1; i <= one.Length; i++)
        {
            current[0] = i;
            for (int j = 1; j <= other.Length; j++)
            {
                int substitution = char.ToLowerInvariant(one[i - 1]) == char.ToLowerInvariant(other[j - 1]) ? 0 : 1;
                current[j] = Math.Min(previous[j - 1] + substitution, Math.Min(previous[j], current[j - 1]) + 1);
            }

            (previous, current) = (current, previous);
        }

        return previous[other.Length];
    }
}
