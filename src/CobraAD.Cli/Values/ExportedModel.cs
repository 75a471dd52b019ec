namespace CobraAD.Cli.Values;

/// <summary>The exported model that a service is to run: what is plainly wrong with it is said before the service starts.</summary>
internal static class ExportedModel
{
    /// <summary>Refuses a file that is missing or of another kind.</summary>
    /// <param name="path">The file; <see langword="null"/> where the configuration names it.</param>
    /// <exception cref="UsageException">It cannot be an exported model.</exception>
    public static void Require(string? path)
    {
        if (path is null) return;
        if (Directory.Exists(path)) throw new UsageException($"MODEL: {path} is a folder; give a file that 'cobra export' made.");
        if (!File.Exists(path)) throw new UsageException($"MODEL: there is no file {path}. Make it with 'cobra export model.cobra -o {path}'.");
        Span<byte> start = stackalloc byte[2];
        using FileStream file = File.OpenRead(path);
        if (file.ReadAtLeast(start, 2, throwOnEndOfStream: false) == 2 && start.SequenceEqual("PK"u8))
            throw new UsageException($"MODEL: {path} is a .cobra model; a service runs its export. Make it with 'cobra export {path} -o {Path.ChangeExtension(path, ".onnx")}'.");
    }
}
