namespace CobraAD.PseudoAnomalies.Crafting;

/// <summary>
/// The filter of pseudo-anomalies has too few images to be fitted on. Whoever put some of a data set aside before says so, because its user counts all.
/// </summary>
/// <param name="name">The data set.</param>
/// <param name="left">How many images are left to train on.</param>
/// <param name="aside">How many were put aside, and for what.</param>
internal sealed class TooFewNormalsException(string name, int left, params IReadOnlyList<(int Count, string Purpose)> aside) : ArgumentException(Describe(name, left, aside))
{
    /// <summary>The fewest that it is fitted on.</summary>
    public const int Fewest = 16;

    /// <summary>The same with images that were put aside before.</summary>
    /// <param name="count">How many.</param>
    /// <param name="purpose">For what, in words that go on after a number.</param>
    /// <param name="whole">What all of them are called; as before when <see langword="null"/>.</param>
    public TooFewNormalsException Before(int count, string purpose, string? whole = null) => count == 0 ? this : new TooFewNormalsException(whole ?? name, left, [(count, purpose), .. aside]);

    private static string Describe(string name, int left, IReadOnlyList<(int Count, string Purpose)> aside)
    {
        string division = string.Concat(aside.Select(part => $", of which {part.Count} are {part.Purpose}"));
        string rest = aside.Count == 0 ? "" : $": {left} are left to train on";
        return $"'{name}' has {left + aside.Sum(part => part.Count)} normal images{division}{rest}. The filter of pseudo-anomalies needs at least {Fewest} to train on. "
            + "Add images, or train without the filter (\"pseudoAnomalies\": { \"filter\": false } in a configuration).";
    }
}
