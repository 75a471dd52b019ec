using System.Text.Json.Serialization;
using CobraAD.Imaging;

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

    /// <summary>How they were framed, and every picture is that the model sees; absent where pictures are only resized.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Framing? Framing { get; init; }

    /// <summary>How other pictures are framed for the model, which leaves nothing to be found from them: what <c>DatasetOptions.Framing</c> takes to measure it.</summary>
    [JsonIgnore]
    public Framing SettledFraming => Framing is { } framing ? framing with { Window = framing.Window ?? DepthWindow.Full } : new Framing { Window = DepthWindow.Full };

    /// <summary>Checks what a file says about sizes and framing.</summary>
    /// <param name="where">The file and the part of it.</param>
    /// <exception cref="ModelFormatException">It cannot be.</exception>
    internal void Check(string where)
    {
        if (Height is < 1 or > LargestSide || Width is < 1 or > LargestSide)
            throw new ModelFormatException($"{where}: images of {Height} × {Width} pixels; expected 1 to {LargestSide} a side. {ModelArchive.DamagedRemedy}");
        try
        {
            Framing?.Validate();
            Placements.Of(Framing);
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException)
        {
            throw new ModelFormatException($"{where}, framing: {exception.Message.Split('\n')[0]} {ModelArchive.DamagedRemedy}", exception);
        }
    }

    /// <summary>The largest side that images are resized to; more in a file is damage, and would cost gigabytes.</summary>
    internal const int LargestSide = 4096;
}
