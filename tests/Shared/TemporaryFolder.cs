namespace CobraAD.Testing;

/// <summary>A folder of its own for one test, gone afterwards.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    /// <summary>Beside the tests, not in /tmp: hard links do not cross file systems.</summary>
    public string Path { get; } = Directory.CreateDirectory(System.IO.Path.Combine(AppContext.BaseDirectory, "scratch", Guid.NewGuid().ToString("N"))).FullName;

    /// <summary>The path of a file in it, which need not exist.</summary>
    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Writes a file, and the folders on its way.</summary>
    public string File(string name, string content) => Written(name, path => System.IO.File.WriteAllText(path, content));

    /// <inheritdoc cref="File(string, string)"/>
    public string File(string name, byte[] content) => Written(name, path => System.IO.File.WriteAllBytes(path, content));

    public void Dispose() => Directory.Delete(Path, recursive: true);

    private string Written(string name, Action<string> write)
    {
        string path = File(name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        write(path);
        return path;
    }
}
