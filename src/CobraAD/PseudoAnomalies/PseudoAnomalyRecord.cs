using System.Text.Json.Serialization;
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

    /// <summary>Whether the hard transforms are drawn as they are noticed: not with an even mix, and not where too few are noticed to choose among.</summary>
    [JsonIgnore]
    public bool IsMixAdapted => Health?.Noticed is { } noticed && NoticedTransforms.Decide(noticed, Options.Significance);

    /// <summary>Whether all normal images were grey, so that the hard transforms gave no colour.</summary>
    /// <value>Default <see langword="false"/>; so it was in all trainings of version 0.1.0, whatever their images.</value>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool AreGrey { get; init; }

    /// <summary>Time that the source took before it made the first image: the training of the filter's classifier, or of a generative model.</summary>
    /// <value>0 for sources that need none, and in trainings of version 0.1.0.</value>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public double PreparationSeconds { get; init; }
}
