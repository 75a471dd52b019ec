namespace CobraAD.Datasets;

/// <summary>What became of a list of image files.</summary>
/// <param name="Images">Those that could be read, in the order given; may be empty.</param>
/// <param name="Unreadable">Those that could not.</param>
internal sealed record ReadImages(ImageSet Images, IReadOnlyList<UnreadableImage> Unreadable) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose() => Images.Dispose();
}
