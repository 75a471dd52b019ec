namespace CobraAD.Serialization;

/// <summary>Writes a file so that a reader sees the old content or the new, never a part of it.</summary>
internal static class AtomicFile
{
    /// <summary>Writes into a temporary file beside <paramref name="path"/>, flushes it to the disk and renames it over the target.</summary>
    /// <param name="path">The file to make or replace; its folder is made when missing.</param>
    /// <param name="write">Writes the content to a seekable stream. When it throws, the old file stays and the temporary one goes.</param>
    public static void Write(string path, Action<Stream> write)
    {
        string target = Path.GetFullPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        string temporary = TemporaryBeside(target);
        try
        {
            using (FileStream stream = new(temporary, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1 << 16))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, target, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>A name in the folder of <paramref name="path"/> that no other file has. It is short: the file's own name with an ending may be longer than a name can be.</summary>
    /// <param name="path">The file to make or replace later on.</param>
    public static string TemporaryBeside(string path) => Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, $".cobra-{Guid.NewGuid():N}.tmp");
}
