using System.Text.Json.Serialization;

namespace CobraAD.Evaluation.Parts;

/// <summary>What <see cref="DataCheck"/> knows of one image.</summary>
/// <param name="Source">Path, or "file#index".</param>
/// <param name="Kind">The name of its class, such as "good".</param>
/// <param name="IsTraining">Whether a detector would be trained on it.</param>
/// <param name="IsGood">Whether it is one of the normal ones.</param>
/// <param name="Width">Width in pixels.</param>
/// <param name="Height">Height in pixels.</param>
/// <param name="IsGrey">Whether it has no colour.</param>
/// <param name="Brightness">Mean grey level, 0 to 255.</param>
/// <param name="Contrast">Standard deviation of the grey levels.</param>
/// <param name="Clipped">Share of pixels that are black or white.</param>
/// <param name="Sharpness">ln of the mean square of the Laplacian over the variance of the grey levels.</param>
public sealed record CheckedImage(
    string Source, string Kind, bool IsTraining, bool IsGood, int Width, int Height, bool IsGrey, double Brightness, double Contrast, double Clipped, double Sharpness)
{
    /// <summary>Distance of its features to those of the nearest other training image that is no copy of it; of training images only.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Distance { get; init; }

    /// <summary>The chance that any image of a flawless set lies as far from the others; of training images only.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? OutlierChance { get; init; }

    /// <summary>The image before it of which it is a copy, or almost.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? CopyOf { get; init; }

    /// <summary>Its place among all images of the check.</summary>
    [JsonIgnore]
    internal int Index { get; init; }
}
