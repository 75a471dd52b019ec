using CobraAD.PseudoAnomalies.Crafting;

namespace CobraAD.PseudoAnomalies;

/// <summary>What a checkpoint or a model file says about the source of pseudo-anomalies, apart from its tensors.</summary>
/// <param name="Options">How it was made.</param>
/// <param name="Health">The filter's check; <see langword="null"/> without the filter.</param>
/// <param name="Statistics">What it has made so far.</param>
public sealed record PseudoAnomalyRecord(PseudoAnomalyOptions Options, FilterHealth? Health, PseudoAnomalyStatistics Statistics)
{
    /// <summary>The source as reports name it.</summary>
    /// <value>By default that of <see cref="PseudoAnomalyGenerator"/> with these options.</value>
    public string Source { get; init; } = PseudoAnomalyGenerator.NameOf(Options);
}
