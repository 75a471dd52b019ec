using CobraAD.PseudoAnomalies;

namespace CobraAD.Cli.Terminal;

/// <summary>What is said of a mix of hard transforms that was to be chosen by what the filter notices.</summary>
internal static class MixText
{
    /// <summary>Why the transforms are drawn equally often all the same; <see langword="null"/> where they are not, or were not to be chosen.</summary>
    /// <param name="source">The source of pseudo-anomalies.</param>
    public static string? WarningOf(PseudoAnomalyRecord source)
    {
        if (source.IsMixAdapted || source.Health?.Noticed is not { } noticed) return null;
        string? seen = noticed.FirstOrDefault(pair => pair.Value > source.Options.Significance).Key;
        return seen is null
            ? "pseudoAnomalies.adaptiveMix had nothing to go by: the filter notices none of the hard transforms more often than it calls good images anomalous, so all are drawn equally often, and what it accepts is hardly chosen. "
                + "Add images, let its classifier train longer (pseudoAnomalies.classifier.epochs), or choose the transforms yourself (pseudoAnomalies.transforms); 'cobra craft' shows what they make."
            : $"pseudoAnomalies.adaptiveMix had nothing to choose among: the filter notices {seen} only, so all hard transforms are drawn equally often. 'cobra craft' shows what they make.";
    }
}
