namespace CobraAD.Runtime.Images;

/// <summary>An image cannot be scored: it is damaged, too large, or of an unknown kind. The detector itself is fine.</summary>
/// <param name="defect">What is wrong with the image.</param>
/// <param name="source">The image's file or name; <see langword="null"/> when it has none.</param>
/// <param name="reason">What is wrong, for people.</param>
/// <param name="innerException">The decoder's own error, where there is one.</param>
public sealed class ImageRejectedException(ImageDefect defect, string? source, string reason, Exception? innerException = null)
    : Exception($"Cannot score the image{(source is null ? "" : $" '{source}'")}: {reason}", innerException)
{
    /// <summary>What is wrong with the image.</summary>
    public ImageDefect Defect { get; } = defect;

    /// <summary>The image's file or name.</summary>
    public string? ImageSource { get; } = source;

    /// <summary>What is wrong, without the name.</summary>
    public string Reason { get; } = reason;
}
