namespace CobraAD.Imaging;

/// <summary>Finds image files.</summary>
internal static class ImageFiles
{
    /// <summary>The image files of a folder at any depth, in ordinal order of their paths; see <see cref="FolderListing"/>.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="DirectoryNotFoundException">The folder does not exist.</exception>
    /// <exception cref="UnauthorizedAccessException">A folder in it cannot be read.</exception>
    public static IReadOnlyList<string> InFolder(string folder)
    {
        FolderListing listing = FolderListing.Of(folder);
        return listing.Omitted.FirstOrDefault(entry => entry.IsUnreadable) is { } unreadable
            ? throw new UnauthorizedAccessException($"'{unreadable.Path}': {unreadable.Reason}")
            : listing.Files;
    }
}
