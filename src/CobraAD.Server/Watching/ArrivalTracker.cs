namespace CobraAD.Server.Watching;

/// <summary>Tells which files of a folder are complete: those whose state has stayed the same for a while.</summary>
/// <param name="settle">For how long.</param>
/// <param name="clock">The time.</param>
internal sealed class ArrivalTracker(TimeSpan settle, TimeProvider clock)
{
    private readonly Dictionary<string, Sighting> sightings = [];

    /// <summary>Looks at the folder's files and gives those that are complete and were not dealt with in this state, oldest first.</summary>
    /// <param name="files">The files there are now.</param>
    public IReadOnlyList<FileInfo> Complete(IReadOnlyCollection<FileInfo> files)
    {
        long now = clock.GetTimestamp();
        HashSet<string> present = [.. files.Select(file => file.FullName)];
        foreach (string gone in sightings.Keys.Where(path => !present.Contains(path)).ToList()) sightings.Remove(gone);

        List<FileInfo> complete = [];
        foreach (FileInfo file in files)
        {
            FileState state = FileState.Of(file);
            if (!sightings.TryGetValue(file.FullName, out Sighting? seen) || seen.State != state) sightings[file.FullName] = seen = new Sighting(state, now);
            // An empty file is one whose writer has not begun.
            if (!seen.IsDone && file.Length > 0 && clock.GetElapsedTime(seen.Since, now) >= settle) complete.Add(file);
        }

        complete.Sort((one, other) => (one.LastWriteTimeUtc, one.Name).CompareTo((other.LastWriteTimeUtc, other.Name)));
        return complete;
    }

    /// <summary>Remembers that a file was dealt with; it counts again only when it changes.</summary>
    /// <param name="file">The file.</param>
    public void Done(FileInfo file)
    {
        if (sightings.TryGetValue(file.FullName, out Sighting? seen)) seen.IsDone = true;
    }

    /// <summary>Whether any file is still settling.</summary>
    public bool IsWaiting => sightings.Values.Any(seen => !seen.IsDone);

    private sealed class Sighting(FileState state, long since)
    {
        public FileState State { get; } = state;

        public long Since { get; } = since;

        public bool IsDone { get; set; }
    }
}
