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
    public static FolderListing Of(string folder)
    {
        if (!Directory.Exists(folder)) throw new DirectoryNotFoundException($"The folder '{folder}' does not exist.");
        List<string> files = [];
        List<OmittedEntry> omitted = [];
        Walk(folder, files, omitted);
        return new FolderListing([.. files.Order(StringComparer.Ordinal)], [.. omitted.OrderBy(entry => entry.Path, StringComparer.Ordinal)]);
    }

    private static void Walk(string folder, List<string> files, List<OmittedEntry> omitted)
    {
        FileSystemInfo[] entries;
        try
        {
            entries = [.. new DirectoryInfo(folder).EnumerateFileSystemInfos("*", Everything)];
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            omitted.Add(new OmittedEntry(folder, $"the folder cannot be read ({e.Message.TrimEnd('.')}), so nobody knows what is missing.", IsUnreadable: true));
            return;
        }

        foreach (FileSystemInfo entry in entries)
        {
            string path = Path.Join(folder, entry.Name);
            if (entry is FileInfo)
            {
                if (ImageNames.Match(entry.Name)) files.Add(path);
                else if (OtherPictures.Contains(entry.Extension)) omitted.Add(new OmittedEntry(path, $"{entry.Extension} is not read; convert it to PNG, JPEG, BMP, WebP or TIFF."));
            }
            else if (entry.LinkTarget is not null)
            {
                omitted.Add(new OmittedEntry(path, "linked folders are not entered, since they can lead in circles; name it itself, or put its images here."));
            }
            else
            {
                Walk(path, files, omitted);
            }
        }
    }
}
