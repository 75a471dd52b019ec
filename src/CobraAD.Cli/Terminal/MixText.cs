using CobraAD.PseudoAnomalies;
using CobraAD.PseudoAnomalies.Crafting;

namespace CobraAD.Cli.Terminal;

/// <summary>What is said of a mix of hard transforms that was to be chosen by what the filter notices.</summary>
internal static class MixText
{
    /// <summary>Why the transforms are drawn equally often all the same; <see langword="null"/> where they are not, or were not to be chosen.</summary>
    /// <param name="health">The filter's check.</param>
    /// <param name="options">What was asked for.</param>
    public static string? WarningOf(FilterHealth? health, PseudoAnomalyOptions options)
    {
        if (health?.Noticed is not { } noticed) return null;
        string[] seen = [.. noticed.Where(pair => pair.Value > options.Significance).Select(pair => pair.Key)];
        return seen.Length switch
        {
            0 => "pseudoAnomalies.adaptiveMix had nothing to go by: the filter notices none of the hard transforms more often than it calls good images anomalous, so all are drawn equally often, and what it accepts is hardly chosen. "
                + "Add images, let its classifier train longer (pseudoAnomalies.classifier.epochs), or choose the transforms yourself (pseudoAnomalies.transforms); 'cobra craft' shows what they make.",
            1 => $"pseudoAnomalies.adaptiveMix had nothing to choose among: the filter notices {seen[0]} only, so all hard transforms are drawn equally often. 'cobra craft' shows what they make.",
            _ => null,
        };
    }
}
