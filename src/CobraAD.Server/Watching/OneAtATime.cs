namespace CobraAD.Server.Watching;

/// <summary>A file that one process at a time holds open; the system lets go of it however that process ends.</summary>
internal static class OneAtATime
{
    /// <summary>Takes the turn.</summary>
    /// <param name="path">The file that stands for it.</param>
    /// <param name="message">What to say when another has it.</param>
    /// <returns>The turn; dispose it to give it back.</returns>
    /// <exception cref="IOException">Another process has it, or the file cannot be made.</exception>
    public static FileStream Take(string path, string message)
    {
        // A link that someone put there could lead anywhere.
        if (new FileInfo(path).LinkTarget is not null) throw new IOException($"'{path}' is a link; remove it.");
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0, FileOptions.DeleteOnClose);
        }
        catch (IOException exception) when (File.Exists(path))
        {
            throw new IOException(message, exception);
        }
    }
}
