using System.IO.Enumeration;

namespace CobraAD.Imaging;

/// <summary>Finds image files.</summary>
internal static class ImageFiles
{
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
            ShouldIncludePredicate = static (ref entry) => !entry.IsDirectory && ImageNames.Match(entry.FileName.ToString()),
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
