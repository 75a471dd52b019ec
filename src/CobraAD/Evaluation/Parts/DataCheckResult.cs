using System.Text.Json.Serialization;
using CobraAD.Datasets;
using CobraAD.Serialization;

namespace CobraAD.Evaluation.Parts;

/// <summary>What <see cref="DataCheck"/> found. It holds the images until it is disposed, for the pictures of a report.</summary>
/// <param name="Data">The data set's name.</param>
/// <param name="Features">What told which images are unlike the others, e.g. "ImageNet ResNet-18 (ML.NET)".</param>
/// <param name="FalseAlarmRate">The chance that any image of a flawless set is called an outlier, for each measure.</param>
/// <param name="Fingerprint">SHA-256 over the images at the size that they were compared at.</param>
/// <param name="Findings">What was found; the gravest first.</param>
/// <param name="Images">What is known of each image: those to train on, then the test images.</param>
public sealed record DataCheckResult(
    string Data, string Features, double FalseAlarmRate, string Fingerprint, IReadOnlyList<DataFinding> Findings, IReadOnlyList<CheckedImage> Images) : IDisposable
{
    /// <summary>When the check was made.</summary>
    public DateTimeOffset Created { get; init; } = DateTimeOffset.UtcNow;

    /// <summary>Version of the library.</summary>
    public string Library { get; init; } = Serialization.Archive.ModelManifest.CurrentLibraryVersion;

    /// <summary>The images' pixels, in the order of <see cref="Images"/>.</summary>
    [JsonIgnore]
    internal ImageSet? Pixels { get; init; }

    /// <summary>The result as JSON.</summary>
    public string ToJson() => System.Text.Json.JsonSerializer.Serialize(this, CobraJson.Options);

    /// <inheritdoc/>
    public void Dispose() => Pixels?.Dispose();
}
