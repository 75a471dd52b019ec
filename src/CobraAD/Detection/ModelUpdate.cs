using System.Text.Json.Serialization;

namespace CobraAD.Detection;

/// <summary>What was done to a trained model afterwards: good parts added to its bank, its threshold set anew. A model file keeps all of them.</summary>
/// <param name="When">When.</param>
/// <param name="From">The folders or files that the parts came from.</param>
/// <param name="Added">How many images were added to the bank.</param>
/// <param name="ForThreshold">How many others the threshold was set from; 0 when it was kept.</param>
/// <param name="Refused">How many were refused as unlike good parts.</param>
/// <param name="AcceptedByName">How many would have been, and were accepted by name.</param>
/// <param name="Before">The operating point before.</param>
/// <param name="After">The operating point since.</param>
/// <param name="Fingerprint">SHA-256 over the pixels of the images that were used: <see cref="Datasets.ImageSet.Fingerprint"/>.</param>
/// <param name="Promise">What the threshold promises since, in a sentence.</param>
public sealed record ModelUpdate(
    DateTimeOffset When, string From, int Added, int ForThreshold, int Refused, int AcceptedByName, UpdatedThreshold Before, UpdatedThreshold After, string Fingerprint,
    string Promise)
{
    /// <summary>By what each used image is known again among test images.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Marks { get; init; }
}
