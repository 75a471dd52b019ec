using System.Text;

namespace CobraAD.Server.Watching;

/// <summary>
/// A file to which whole lines are appended, for good before <see cref="Append"/> returns, while others read it. A line that a power cut or a full
/// disk left torn is taken back, so that it never spoils the next one. Only one process at a time appends.
/// </summary>
internal sealed class LineLog : IDisposable
{
    private const int LongestLine = 1 << 20;

    private readonly string path;
    private readonly string header;
    private readonly string start;
    private readonly Func<string, bool> isWhole;
    private readonly FileStream turn;
    private FileStream stream;

    private LineLog(string path, string header, string start, Func<string, bool> isWhole, FileStream turn)
    {
        (this.path, this.header, this.start, this.isWhole, this.turn) = (path, header, start, isWhole, turn);
        stream = OpenStream();
    }

    /// <summary>The last line that is whole: after a crash, the only one that may be there without anybody knowing.</summary>
    public string? LastLine { get; private set; }

    /// <summary>What was taken back of a torn last line.</summary>
    public string? Torn { get; private set; }

    /// <summary>Opens a log, and waits for nobody.</summary>
    /// <param name="path">The file; made when missing.</param>
    /// <param name="header">The first line, without its end; empty for none.</param>
    /// <param name="start">How every such file begins; nothing is appended to and nothing taken back of any other.</param>
    /// <param name="isWhole">Whether a line without an end is whole, as some editors leave the last one.</param>
    /// <exception cref="IOException">The file cannot be written, is none of this kind, or another process appends to it.</exception>
    public static LineLog Open(string path, string header, string start, Func<string, bool> isWhole)
    {
        string target = Path.GetFullPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        FileStream turn = OneAtATime.Take(target + ".lock", $"'{path}' is being written by another process; give each its own file.");
        try
        {
            return new LineLog(target, header, start, isWhole, turn);
        }
        catch
        {
            turn.Dispose();
            throw;
        }
    }

    /// <summary>Appends a line.</summary>
    /// <param name="line">The line, without its end.</param>
    /// <exception cref="IOException">It could not be written; nothing of it is left.</exception>
    public void Append(string line)
    {
        // Moved away or replaced, as logs are rotated: lines must not go where nobody looks.
        if (new FileInfo(path) is not { Exists: true } now || now.Length != stream.Length)
        {
            stream.Dispose();
            stream = OpenStream();
        }

        Write(line);
    }

    public void Dispose()
    {
        stream.Dispose();
        turn.Dispose();
    }

    private FileStream OpenStream()
    {
        stream = new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
        try
        {
            RequireOurs();
            MendEnd();
            if (stream.Length == 0 && header.Length > 0) Write(header);
            return stream;
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    private void Write(string line)
    {
        long before = stream.Length;
        try
        {
            stream.Position = before;
            stream.Write(Encoding.UTF8.GetBytes(line + "\n"));
            stream.Flush(flushToDisk: true);
        }
        catch (IOException)
        {
            stream.SetLength(before);
            throw;
        }

        LastLine = line;
    }

    /// <summary>A model or somebody's notes under the name of the log must not be cut off at their last line.</summary>
    private void RequireOurs()
    {
        byte[] expected = Encoding.UTF8.GetBytes(start), found = new byte[Math.Min(expected.Length, stream.Length)];
        stream.Position = 0;
        stream.ReadExactly(found);
        // Of a torn first line only the beginning is there, and a file system may have made room before it had the bytes.
        ReadOnlySpan<byte> written = found.AsSpan(0, found.AsSpan().LastIndexOfAnyExcept((byte)0) + 1);
        if (!expected.AsSpan().StartsWith(written)) throw new IOException($"'{path}' exists and is no log of cobra: it does not begin with '{start}'. Name another file; nothing was changed.");
    }

    private void MendEnd()
    {
        LastLine = null;
        byte[] end = new byte[Math.Min(stream.Length, LongestLine)];
        stream.Position = stream.Length - end.Length;
        stream.ReadExactly(end);
        // A file system may have made room before it had the bytes.
        int length = end.AsSpan().LastIndexOfAnyExcept((byte)0) + 1;
        int start = end.AsSpan(0, length).LastIndexOf((byte)'\n') + 1;
        long offset = stream.Length - end.Length;
        string rest = Encoding.UTF8.GetString(end, start, length - start);
        if (rest.Length > 0 && isWhole(rest.TrimEnd('\r')))
        {
            stream.SetLength(offset + length);
            Write(string.Empty);
            LastLine = rest.TrimEnd('\r');
            return;
        }

        if (offset + start < stream.Length)
        {
            if (start == 0 && offset > 0) throw new IOException($"'{path}' has no line within its last {LongestLine} bytes; it is no log of cobra. Name another file.");
            Torn = rest;
            stream.SetLength(offset + start);
        }

        if (start > 0) LastLine = Encoding.UTF8.GetString(end[(end.AsSpan(0, start - 1).LastIndexOf((byte)'\n') + 1)..(start - 1)]).TrimEnd('\r');
    }
}
