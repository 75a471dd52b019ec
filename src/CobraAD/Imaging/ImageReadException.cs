namespace CobraAD.Imaging;

/// <summary>An image could not be read: the file is missing, damaged, too large, or of a kind that is not supported.</summary>
/// <param name="source">The file's path, or what stands for it.</param>
/// <param name="reason">What is wrong with it.</param>
/// <param name="innerException">The decoder's own error, where there is one.</param>
internal sealed class ImageReadException(string source, string reason, Exception? innerException = null)
    : Exception($"Cannot read the image '{source}': {reason}", innerException)
{
    /// <summary>The file's path, or what stands for it.</summary>
    public string ImageSource { get; } = source;

    /// <summary>What is wrong with it, without the path.</summary>
    public string Reason { get; } = reason;
}
