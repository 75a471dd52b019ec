using System.IO.Enumeration;

namespace CobraAD.Imaging;

/// <summary>Finds image files.</summary>
internal static class ImageFiles
{
    private static readonly HashSet<string> Extensions =
        new(StringComparer.OrdinalIgnoreCase) { ".png", ".jpg", ".jpeg", ".bmp", ".webp", ".tif", ".tiff" };

    /// <summary>Whether a file's name says that it is an image: .png, .jpg, .jpeg, .bmp, .webp, .tif or .tiff.</summary>
    /// <param name="path">The file; it is not opened.</param>
    public static bool HasImageName(string path) => Extensions.Contains(Path.GetExtension(path));

    /// <summary>
    /// The image files of a folder at any depth, in ordinal order of their paths. Hidden files and folders (their names start with a
    /// dot) are left out, and linked folders are not entered, since they can lead in circles.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="DirectoryNotFoundException">The folder does not exist.</exception>
    public static IReadOnlyList<string> InFolder(string folder)
    {
        FileSystemEnumerable<string> files = new(folder, static (ref entry) => entry.ToSpecifiedFullPath(), new EnumerationOptions { RecurseSubdirectories = true })
        {
            ShouldIncludePredicate = static (ref entry) => !entry.IsDirectory && Extensions.Contains(Path.GetExtension(entry.FileName).ToString()),
            ShouldRecursePredicate = static (ref entry) => (entry.Attributes & FileAttributes.ReparsePoint) == 0,
        };
        return [.. files.Order(StringComparer.Ordinal)];
    }

    /// <summary>Files as they are, and each folder replaced by the image files in it (<see cref="InFolder"/>).</summary>
    /// <param name="paths">Files and folders; a file need not exist, reading it will say so.</param>
    public static IReadOnlyList<string> Expand(IEnumerable<string> paths)
    {
        ArgumentNullException.ThrowIfNull(paths);
        return [.. paths.SelectMany(path => Directory.Exists(path) ? InFolder(path) : [path])];
    }
}
