using CobraAD.Imaging;

namespace CobraAD.Datasets;

/// <summary>The image files that a command names.</summary>
/// <param name="Paths">In the order given; of a folder in the ordinal order of their paths.</param>
/// <param name="Names">
/// The same files by the number of the argument and the path within it: what stays the same where a folder is mounted elsewhere.
/// </param>
/// <param name="Omitted">What a folder holds besides, and what looks like an image but is left out.</param>
internal sealed record ListedFiles(IReadOnlyList<string> Paths, IReadOnlyList<string> Names, IReadOnlyList<UnreadableImage> Omitted)
{
    /// <param name="paths">Files and folders; of a folder all image files at any depth. A file need not exist: reading it will say so.</param>
    public static ListedFiles Of(IEnumerable<string> paths)
    {
        List<string> files = [], names = [];
        List<UnreadableImage> omitted = [];
        int argument = 0;
        foreach (string path in paths)
        {
            if (Directory.Exists(path))
            {
                FolderListing listing = FolderListing.Of(path);
                files.AddRange(listing.Files);
                int number = argument;
                names.AddRange(listing.Files.Select(file => $"{number}/{Path.GetRelativePath(path, file)}"));
                omitted.AddRange(listing.Omitted.Select(entry => new UnreadableImage(entry.Path, entry.Reason)));
            }
            else
            {
                files.Add(path);
                names.Add($"{argument}/{Path.GetFileName(path)}");
            }

            argument++;
        }

        return new ListedFiles(files, names, omitted);
    }
}
