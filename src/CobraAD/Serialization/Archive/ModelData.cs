using System.Text.Json.Serialization;

namespace CobraAD.Serialization.Archive;

/// <summary>What a model was trained on.</summary>
/// <param name="Name">The data set's name.</param>
/// <param name="Protocol">How normal was chosen, e.g. "one-class" or "folder".</param>
/// <param name="Images">Number of training images.</param>
/// <param name="Height">Their height in pixels.</param>
/// <param name="Width">Their width in pixels.</param>
/// <param name="Fingerprint">SHA-256 (hex) over the training pixels: <see cref="Datasets.ImageSet.Fingerprint"/>.</param>
public sealed record ModelData(string Name, string Protocol, int Images, int Height, int Width, string Fingerprint)
{
    /// <summary>By what each training image is known again among test images: hashes, and thumbnails of 8 × 8 grey values; absent in older files.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Marks { get; init; }

    /// <summary>The largest side that images are resized to; more in a file is damage, and would cost gigabytes.</summary>
    internal const int LargestSide = 4096;
}
