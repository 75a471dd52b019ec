using System.Text.Json.Serialization;

namespace CobraAD.Server.Watching;

/// <summary>A part that is being dealt with, and how far that has come.</summary>
/// <param name="Key">Its own name, by which the database tells whether it has it.</param>
/// <param name="File">The file's name.</param>
/// <param name="State">The file's state when it was read.</param>
/// <param name="Sha256">Hash of its content; <see langword="null"/> when it was too large to be read.</param>
/// <param name="SeenAt">When it was first dealt with. With the name it finds the part in a log.</param>
internal sealed record OpenPart(string Key, string File, FileState State, string? Sha256, DateTimeOffset SeenAt)
{
    /// <summary>What was found, once it was scored.</summary>
    public WatchedPart? Part { get; init; }

    /// <summary>Whether all logs have it.</summary>
    public bool IsRecorded { get; init; }

    /// <summary>Whether an earlier run began it, which may have done one step more than it could note.</summary>
    [JsonIgnore]
    public bool IsResumed { get; init; }

    /// <summary>Whether a file is the one that this part was read from.</summary>
    /// <param name="state">The file's state.</param>
    /// <param name="sha256">Hash of its content, unless it is too large to be read.</param>
    public bool IsOf(FileState state, string? sha256) => sha256 is null || Sha256 is null ? state == State && sha256 == Sha256 : sha256 == Sha256 && state.Written == State.Written;
}
