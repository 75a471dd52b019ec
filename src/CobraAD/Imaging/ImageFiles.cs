namespace CobraAD.Imaging;

/// <summary>Finds image files.</summary>
internal static class ImageFiles
{
    private static readonly HashSet<string> Extensions =
        new(StringComparer.OrdinalIgnoreCase) { ".png", ".jpg", ".jpeg", ".bmp", ".webp", ".tif", ".tiff" };

    /// <summary>Whether a file's name says that it is an image: .png, .jpg, .jpeg, .bmp, .webp, .tif or .tiff.</summary>
    /// <param name="path">The file; it is not opened.</param>
    public static bool HasImageName(string path) => Extensions.Contains(Path.GetExtension(path));

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
