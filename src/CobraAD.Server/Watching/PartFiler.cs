using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using CobraAD.Serialization;

namespace CobraAD.Server.Watching;

/// <summary>Puts a scored file where it belongs. Whatever fails, the file is where it was or where it belongs, whole and once.</summary>
internal sealed class PartFiler(WatchOptions options)
{
    /// <summary>Ending of the file that a tag is.</summary>
    public const string TagEnding = ".cobra.json";

    private const int MostOfOneName = 1 << 24;

    private readonly Dictionary<string, bool> reachable = [];

    /// <summary>Moves, tags or leaves a file. A file that already has its name there keeps it; the newcomer gets a number.</summary>
    /// <param name="file">The file; its name came from the folder's own listing.</param>
    /// <param name="open">What was found, and the state in which it was found.</param>
    /// <exception cref="IOException">It could not be done; the file is where it was.</exception>
    public void File(FileInfo file, OpenPart open)
    {
        file.Refresh();
        if (!file.Exists || FileState.Of(file) != open.State) throw new IOException("it changed while it was scored");
        switch (options.Then)
        {
            case WatchAction.Move:
                Move(file, Directory.CreateDirectory(Path.Combine(options.Into ?? options.Folder, open.Part!.Decision)).FullName, open);
                break;
            case WatchAction.Tag:
                JsonObject tag = JsonNode.Parse(open.Part!.ToJson())!.AsObject();
                tag["fileState"] = JsonSerializer.SerializeToNode(open.State);
                AtomicFile.Write(file.FullName + TagEnding, stream => stream.Write(JsonSerializer.SerializeToUtf8Bytes(tag)));
                break;
        }
    }

    /// <summary>Whether a file's tag is about the file as it is now: about its content, whatever its times say.</summary>
    /// <param name="file">The file.</param>
    public bool IsTagged(FileInfo file)
    {
        FileInfo tag = new(file.FullName + TagEnding);
        if (options.Then is not WatchAction.Tag || !tag.Exists || tag.LinkTarget is not null) return false;
        try
        {
            JsonNode? content = JsonNode.Parse(System.IO.File.ReadAllBytes(tag.FullName));
            // The state saves reading the image. A copy of folder and tags has another one, but the same content.
            if (content?["fileState"] is { } state && state.Deserialize<FileState>() == FileState.Of(file)) return true;
            return (string?)content?["sha256"] is { } sha256 && sha256 == HashOf(file.FullName);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException)
        {
            // Not a tag of ours; it is replaced.
            return false;
        }
    }

    private void Move(FileInfo file, string folder, OpenPart open)
    {
        (string free, string? last) = FreeName(folder, file.Name);
        // The last run may have died between giving the file its new name and taking its old one.
        if (open.IsResumed && last is not null && IsSame(file, last))
        {
            file.Delete();
            return;
        }

        if (IsReachable(folder))
        {
            System.IO.File.Move(file.FullName, free, overwrite: false);
            return;
        }

        // Another file system: a copy under a hidden name until it is whole. What a crash left under that name is replaced.
        string temporary = Path.Combine(folder, $".{open.Key}.tmp");
        try
        {
            System.IO.File.Delete(temporary);
            file.CopyTo(temporary);
            using (FileStream copy = new(temporary, FileMode.Open, FileAccess.ReadWrite)) copy.Flush(flushToDisk: true);
            System.IO.File.SetLastWriteTimeUtc(temporary, open.State.Written);
            System.IO.File.Move(temporary, free, overwrite: false);
        }
        catch
        {
            System.IO.File.Delete(temporary);
            throw;
        }

        file.Delete();
    }

    /// <summary>Whether files get into a folder by a new name alone, at once or not at all. Tried with an empty folder, once.</summary>
    private bool IsReachable(string folder)
    {
        if (reachable.TryGetValue(folder, out bool known)) return known;
        string name = $".{Guid.NewGuid():N}";
        string probe = Directory.CreateDirectory(Path.Combine(options.Folder, name)).FullName;
        string there = Path.Combine(folder, name);
        try
        {
            Directory.Move(probe, there);
            Directory.Delete(there);
            return reachable[folder] = true;
        }
        catch (IOException)
        {
            Directory.Delete(probe);
            return reachable[folder] = false;
        }
    }

    /// <summary>The first free of name, name-2, name-3 and so on, and the last taken before it. Found in few looks, however many there are.</summary>
    private static (string Free, string? Last) FreeName(string folder, string name)
    {
        string stem = Path.GetFileNameWithoutExtension(name);
        string Numbered(int number) => Path.Combine(folder, number == 1 ? name : $"{stem}-{number}{Path.GetExtension(name)}");
        bool IsTaken(int number) => Path.Exists(Numbered(number));
        int taken = 0;
        int free = 1;
        for (; IsTaken(free); free *= 2)
        {
            taken = free;
            if (free == MostOfOneName) throw new IOException($"'{folder}' has more than {MostOfOneName} files of the name '{name}'");
        }

        while (free - taken > 1)
        {
            int middle = (taken + free) / 2;
            if (IsTaken(middle)) taken = middle;
            else free = middle;
        }

        return (Numbered(free), taken == 0 ? null : Numbered(taken));
    }

    private static bool IsSame(FileInfo file, string other)
    {
        FileInfo that = new(other);
        return that.Length == file.Length && that.LastWriteTimeUtc == file.LastWriteTimeUtc && HashOf(other) == HashOf(file.FullName);
    }

    private static string HashOf(string path)
    {
        using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}
