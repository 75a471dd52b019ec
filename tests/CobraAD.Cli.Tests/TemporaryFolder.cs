namespace CobraAD.Cli.Tests;

internal sealed class TemporaryFolder : IDisposable
{
    /// <summary>Beside the tests, not in /tmp: hard links do not cross file systems.</summary>
    public string Path { get; } = Directory.CreateDirectory(System.IO.Path.Combine(AppContext.BaseDirectory, "scratch", Guid.NewGuid().ToString("N"))).FullName;

    public string File(string name, string? content = null)
    {
        string path = System.IO.Path.Combine(Path, name);
        if (content is not null) System.IO.File.WriteAllText(path, content);
        return path;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
