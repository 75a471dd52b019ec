using System.Text.Json.Serialization;

namespace CobraAD.PseudoAnomalies.Crafting;

/// <summary>Whether the filter does what its p-values say, on normal images that nothing was fitted on (decision "held-out p-values").</summary>
/// <param name="FitImages">Normal images that the mixture was fitted on.</param>
/// <param name="ReferenceImages">Normal images whose likelihoods candidates are compared with.</param>
/// <param name="ValidationImages">Normal images kept for this check.</param>
/// <param name="ValidationShareBelow">Share of those with a p-value of at most the significance; about the significance when all is well.</param>
/// <param name="ValidationMeanPValue">Their mean p-value; about 0.5 when all is well.</param>
/// <param name="ClassifierAccuracy">Share of transforms that the classifier named correctly in its last epoch.</param>
public sealed record FilterHealth(
    int FitImages, int ReferenceImages, int ValidationImages, double? ValidationShareBelow, double? ValidationMeanPValue, double ClassifierAccuracy)
{
    /// <summary>Of good images that one hard transform alone was applied to, the share with a p-value of at most the significance; what the transforms are drawn by.</summary>
    /// <value><see langword="null"/> without <see cref="PseudoAnomalyOptions.AdaptiveMix"/>.</value>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, double>? Noticed { get; init; }
}
