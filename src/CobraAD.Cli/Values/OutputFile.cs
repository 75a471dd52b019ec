using System.Text;

namespace CobraAD.Cli.Values;

/// <summary>A file or folder that a command is to write when its work is done: whether that will succeed is found out before.</summary>
internal static class OutputFile
{
    /// <summary>Bytes of a name that file systems take.</summary>
    private const int LongestName = 255;

    /// <summary>Whether a file can be made or replaced there.</summary>
    /// <param name="option">The option that names it.</param>
    /// <param name="path">The file.</param>
    /// <param name="example">A name for such a file.</param>
    /// <exception cref="UsageException">The path is a folder, or its folder cannot be written to.</exception>
    public static void Require(string option, string path, string example = "model.cobra")
    {
        if (path.Length == 0) throw new UsageException($"{option}: the name is empty; give the file to write.");
        if (Directory.Exists(path)) throw new UsageException($"{option}: {path} is a folder; give the file to write, for example {Path.Join(path, example)}.");
        int length = Encoding.UTF8.GetByteCount(Path.GetFileName(path));
        if (length > LongestName) throw new UsageException($"{option}: the name {Path.GetFileName(path)} has {length} bytes, a file's name has {LongestName} at most. Give a shorter one.");
        RequireFolder(option, Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    /// <summary>The same for what the next run may replace: a file of its own kind, so that nobody's model or picture is lost to a slip of the name.</summary>
    /// <param name="option">The option that names it.</param>
    /// <param name="path">The file.</param>
    /// <param name="kind">What will be written.</param>
    /// <exception cref="UsageException">Something else is there, or the file cannot be written.</exception>
    public static void RequireOfKind(string option, string path, FileKind kind)
    {
        Require(option, path, kind.Example);
        if (new FileInfo(path) is { Exists: true, Length: > 0 } && !kind.IsStart(Start(path)))
            throw new UsageException($"{option}: {path} exists and is not {kind.Name}. Name another file; this one was left as it is.");
    }

    /// <summary>The same for what takes hours to make again: it is not replaced unless that was asked for.</summary>
    /// <param name="option">The option that names it.</param>
    /// <param name="path">The file.</param>
    /// <param name="mayReplace">Whether it may be replaced.</param>
    /// <param name="replaceOption">The option that says so.</param>
    /// <exception cref="UsageException">The file exists, or cannot be written.</exception>
    public static void RequireNew(string option, string path, bool mayReplace, string replaceOption)
    {
        Require(option, path);
        if (File.Exists(path) && !mayReplace) throw new UsageException($"{option}: {path} exists. Name another file, or add {replaceOption} to replace it when the work is done.");
    }

    /// <summary>Whether a training can keep its progress beside its output.</summary>
    /// <param name="option">The option that names the output.</param>
    /// <param name="path">The file of the progress.</param>
    /// <param name="isResumed">Whether the training goes on with it.</param>
    /// <param name="what">What is unfinished, for messages.</param>
    /// <exception cref="UsageException">It holds an unfinished training, is something else, or cannot be written.</exception>
    public static void RequireCheckpoint(string option, string path, bool isResumed, string what)
    {
        Require(option, path);
        if (!File.Exists(path)) return;
        if (!FileKind.Checkpoint.IsStart(Start(path))) throw new UsageException($"{option}: {path} is where progress would be kept, and is not {FileKind.Checkpoint.Name}. Name another output; this file was left as it is.");
        if (!isResumed) throw new UsageException($"{path} holds an unfinished {what}. Add --resume to go on with it, or delete it.");
    }

    /// <summary>Whether files can be made in a folder, which need not exist. It is not made: a command that fails leaves nothing behind.</summary>
    /// <param name="option">The option that names it.</param>
    /// <param name="path">The folder.</param>
    /// <exception cref="UsageException">It is a file, or cannot be made or written to.</exception>
    public static void RequireFolder(string option, string path)
    {
        if (File.Exists(path)) throw new UsageException($"{option}: {path} is a file, not a folder.");
        try
        {
            string existing = Path.GetFullPath(path);
            while (!Directory.Exists(existing)) existing = Path.GetDirectoryName(existing) ?? throw new IOException("there is no such drive.");
            string trial = Path.Join(existing, $".{Guid.NewGuid():N}.tmp");
            File.Create(trial).Dispose();
            File.Delete(trial);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new UsageException($"{option}: nothing can be written to {path}: {exception.Message}");
        }
    }

    private static byte[] Start(string path)
    {
        using FileStream stream = File.OpenRead(path);
        byte[] start = new byte[FileKind.StartLength];
        return start[..stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
    }
}
