namespace CobraAD.Cli.Values;

/// <summary>A file that an option names.</summary>
internal static class InputFile
{
    /// <summary>The path, of a file that is there.</summary>
    /// <param name="option">The option, e.g. <c>--config</c>.</param>
    /// <param name="path">Its value.</param>
    /// <exception cref="UsageException">There is no such file.</exception>
    public static string Existing(string option, string path) => File.Exists(path) ? path : throw new UsageException($"{option}: there is no file {path}.");
}
