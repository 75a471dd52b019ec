namespace CobraAD.Imaging;

/// <summary>
/// Looks at what a path leads to before it is opened. Opening a pipe waits for its writer, for ever if there is none, and a device such as
/// <c>/dev/zero</c> has no end; both say that they have no bytes.
/// </summary>
internal static class RegularFile
{
    /// <summary>What to say of a length of 0.</summary>
    public const string Nothing = "it is empty, or no file but a pipe or a device.";

    /// <summary>The length of the file that a path leads to, over any number of links; 0 when it must not be opened.</summary>
    /// <param name="path">The path.</param>
    /// <exception cref="IOException">There is no file.</exception>
    public static long LengthOf(string path)
    {
        FileSystemInfo file = new FileInfo(path);
        if (file.LinkTarget is not null) file = file.ResolveLinkTarget(returnFinalTarget: true) ?? file;
        if (Directory.Exists(file.FullName)) throw new IOException($"'{path}' is a folder.");
        if (!file.Exists) throw new FileNotFoundException($"Could not find file '{path}'.", path);
        return new FileInfo(file.FullName).Length;
    }
}
