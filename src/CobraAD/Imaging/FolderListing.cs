using System.IO.Enumeration;

namespace CobraAD.Imaging;

/// <summary>What a folder holds at any depth: its images, and what looks like some but is left out.</summary>
/// <param name="Files">The image files, in ordinal order of their paths.</param>
/// <param name="Omitted">What is left out, in the same order.</param>
internal sealed record FolderListing(IReadOnlyList<string> Files, IReadOnlyList<OmittedEntry> Omitted)
{
    /// <summary>Pictures of formats that are not read: their owner should know that they are left out.</summary>
    private static readonly HashSet<string> OtherPictures = new(StringComparer.OrdinalIgnoreCase)
    {
        ".gif", ".heic", ".heif", ".avif", ".jxl", ".jp2", ".j2k", ".tga", ".psd", ".exr", ".hdr", ".pbm", ".pgm", ".ppm", ".pnm", ".pcx", ".dib", ".jfif", ".jpe",
        ".dng", ".cr2", ".cr3", ".nef", ".arw", ".dcm",
    };

    private static readonly EnumerationOptions Everything = new() { IgnoreInaccessible = false };

    /// <summary>
    /// Lists a folder. Hidden files and folders (their names start with a dot) are left out without a word, and linked folders are not entered,
    /// since they can lead in circles.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="DirectoryNotFoundException">The folder does not exist.</exception>
    public static FolderListing Of(string folder) => Of(folder, new HashSet<string>());

    /// <summary>Lists a folder without some folders in it, which are neither entered nor mentioned.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="except">Their paths: <paramref name="folder"/> and the names that lead there.</param>
    /// <exception cref="DirectoryNotFoundException">The folder does not exist.</exception>
    public static FolderListing Of(string folder, IReadOnlySet<string> except)
    {
        if (!Directory.Exists(folder)) throw new DirectoryNotFoundException($"The folder '{folder}' does not exist.");
        List<string> files = [];
        List<OmittedEntry> omitted = [];
        Walk(folder, except, files, omitted);
        files.Sort(StringComparer.Ordinal);
        omitted.Sort((one, other) => string.CompareOrdinal(one.Path, other.Path));
        return new FolderListing(files, omitted);
    }

    private static void Walk(string folder, IReadOnlySet<string> except, List<string> files, List<OmittedEntry> omitted)
    {
        (int listed, int left) = (files.Count, omitted.Count);
        List<string> folders = [];
        try
        {
            foreach ((string path, bool isFolder, bool isLink) in Entries(folder))
            {
                if (!isFolder)
                {
                    if (ImageNames.Match(path)) files.Add(path);
                    else if (OtherPictures.Contains(Path.GetExtension(path))) omitted.Add(new OmittedEntry(path, $"{Path.GetExtension(path)} is not read; convert it to PNG, JPEG, BMP, WebP or TIFF."));
                }
                else if (!except.Contains(path))
                {
                    if (isLink) omitted.Add(new OmittedEntry(path, "linked folders are not entered, since they can lead in circles; name it itself, or put its images here."));
                    else folders.Add(path);
                }
            }
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            files.RemoveRange(listed, files.Count - listed);
            omitted.RemoveRange(left, omitted.Count - left);
            omitted.Add(new OmittedEntry(folder, $"the folder cannot be read ({e.Message.TrimEnd('.')}), so nobody knows what is missing.", IsUnreadable: true));
            return;
        }

        foreach (string path in folders) Walk(path, except, files, omitted);
    }

    /// <summary>Of a million files no more is made than their paths; what .NET's own objects hold of a file takes several times as much.</summary>
    private static FileSystemEnumerable<(string Path, bool IsFolder, bool IsLink)> Entries(string folder) => new(
        folder,
        (ref FileSystemEntry entry) => (Path.Join(folder, entry.FileName), entry.IsDirectory, entry.IsDirectory && entry.Attributes.HasFlag(FileAttributes.ReparsePoint)),
        Everything);
}
