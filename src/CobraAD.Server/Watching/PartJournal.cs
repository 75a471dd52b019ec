using System.Text.Json;
using CobraAD.Serialization;

namespace CobraAD.Server.Watching;

/// <summary>
/// The parts that are being dealt with, noted on the disk before each step: whoever starts after a crash goes on where it happened, so that
/// each part is recorded exactly once. Safe against links that others may put into the folder, since it is only ever replaced.
/// </summary>
internal sealed class PartJournal
{
    /// <summary>The journal's name in the watched folder.</summary>
    public const string FileName = ".cobra-watch.json";

    private readonly string? path;
    private readonly Dictionary<string, OpenPart> open = [];

    /// <param name="folder">The watched folder; <see langword="null"/> when nothing may be written there, and a restart begins afresh.</param>
    /// <param name="damage">Why an earlier journal could not be read.</param>
    public PartJournal(string? folder, out string? damage)
    {
        damage = null;
        if (folder is null) return;
        path = Path.Combine(folder, FileName);
        FileInfo file = new(path);
        if (!file.Exists || file.LinkTarget is not null) return;
        try
        {
            foreach (OpenPart part in JsonSerializer.Deserialize<OpenPart[]>(File.ReadAllBytes(path)) ?? []) open[part.File] = part with { IsResumed = true };
        }
        catch (JsonException exception)
        {
            damage = exception.Message;
        }
    }

    /// <summary>The part that was scored but is not in all logs: no other may come before it.</summary>
    public OpenPart? Unrecorded => open.Values.FirstOrDefault(part => part is { Part: not null, IsRecorded: false });

    /// <summary>The part of that name, if one is open.</summary>
    /// <param name="file">The file's name.</param>
    public OpenPart? Find(string file) => open.GetValueOrDefault(file);

    /// <summary>Notes how far a part has come. Whatever the file of its name was before is forgotten.</summary>
    /// <param name="part">The part.</param>
    /// <exception cref="IOException">The journal could not be written; the step must not be taken.</exception>
    public OpenPart Note(OpenPart part)
    {
        Save([.. open.Values.Where(other => other.File != part.File), part]);
        open[part.File] = part;
        return part;
    }

    /// <summary>Forgets parts that are done, or whose file is gone.</summary>
    /// <param name="files">The files' names.</param>
    public void Close(params IEnumerable<string> files)
    {
        HashSet<string> closed = [.. files.Where(open.ContainsKey)];
        if (closed.Count == 0) return;
        Save([.. open.Values.Where(part => !closed.Contains(part.File))]);
        foreach (string file in closed) open.Remove(file);
    }

    /// <summary>The names of all open parts.</summary>
    public IReadOnlyCollection<string> Files => open.Keys;

    private void Save(OpenPart[] parts)
    {
        if (path is null) return;
        if (parts.Length == 0) File.Delete(path);
        else AtomicFile.Write(path, stream => JsonSerializer.Serialize(stream, parts));
    }
}
