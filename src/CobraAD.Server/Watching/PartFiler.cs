namespace CobraAD.Server.Watching;

/// <summary>Puts a scored file where it belongs.</summary>
internal sealed class PartFiler(WatchOptions options)
{
    /// <summary>Ending of the file that a tag is.</summary>
    public const string TagEnding = ".cobra.json";

    /// <summary>Moves, tags or leaves a file. A file that already has its name there keeps it; the newcomer gets a number.</summary>
    /// <param name="file">The file; its name came from the folder's own listing.</param>
    /// <param name="part">What was found.</param>
    public void File(FileInfo file, WatchedPart part)
    {
        switch (options.Then)
        {
            case WatchAction.Move:
                Move(file, Directory.CreateDirectory(Path.Combine(options.Into ?? options.Folder, part.Decision)));
                break;
            case WatchAction.Tag:
                string temporary = $"{file.FullName}{TagEnding}.tmp";
                System.IO.File.WriteAllText(temporary, part.ToJson() + "\n");
                System.IO.File.Move(temporary, file.FullName + TagEnding, overwrite: true);
                break;
        }
    }

    /// <summary>Whether an earlier run already dealt with this state of a file.</summary>
    /// <param name="file">The file.</param>
    public bool IsTagged(FileInfo file) =>
        options.Then is WatchAction.Tag && System.IO.File.GetLastWriteTimeUtc(file.FullName + TagEnding) >= file.LastWriteTimeUtc;

    private static void Move(FileInfo file, DirectoryInfo folder)
    {
        string stem = Path.GetFileNameWithoutExtension(file.Name);
        for (int number = 1; ; number++)
        {
            string target = Path.Combine(folder.FullName, number == 1 ? file.Name : $"{stem}-{number}{file.Extension}");
            try
            {
                file.MoveTo(target, overwrite: false);
                return;
            }
            catch (IOException) when (System.IO.File.Exists(target))
            {
                // Taken: try the next number.
            }
        }
    }
}
