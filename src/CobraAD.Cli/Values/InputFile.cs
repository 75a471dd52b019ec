namespace CobraAD.Cli.Values;

/// <summary>A file that an option names.</summary>
internal static class InputFile
{
    /// <summary>The path, of a file that is there.</summary>
    /// <param name="option">The option, e.g. <c>--config</c>.</param>
    /// <param name="path">Its value.</param>
    /// <exception cref="UsageException">There is no such file.</exception>
    public static string Existing(string option, string path) => File.Exists(path) ? path : throw new UsageException($"{option}: there is no file {path}.");

    /// <summary>The path, where a file or a folder is.</summary>
    /// <inheritdoc cref="Existing"/>
    public static string ExistingPath(string option, string path) => Path.Exists(path) ? path : throw new UsageException($"{option}: {path} does not exist.");

    /// <summary>The path, where a folder is.</summary>
    /// <inheritdoc cref="Existing"/>
    public static string ExistingFolder(string option, string path) =>
        Directory.Exists(ExistingPath(option, path)) ? path : throw new UsageException($"{option}: {path} is a file, not a folder.");
}
