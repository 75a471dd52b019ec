namespace CobraAD.Server.Watching;

/// <summary>What happens to a file after it was scored.</summary>
public enum WatchAction
{
    /// <summary>It is moved to the folder <c>normal</c>, <c>anomalous</c> or <c>refused</c>.</summary>
    Move,

    /// <summary>It stays, and a file with the result is put beside it: <c>part.png.cobra.json</c>.</summary>
    Tag,

    /// <summary>It stays as it is; after a restart it is scored again.</summary>
    Leave,
}
