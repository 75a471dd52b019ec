namespace CobraAD.Server.Watching;

/// <summary>Which folder is watched, and what becomes of its files and their results.</summary>
public sealed record WatchOptions
{
    /// <summary>The folder whose arriving images are scored; its own subfolders are not looked into.</summary>
    public string Folder { get; init; } = "";

    /// <summary>What happens to a file after it was scored.</summary>
    /// <value>Default <see cref="WatchAction.Move"/>.</value>
    public WatchAction Then { get; init; } = WatchAction.Move;

    /// <summary>Where files are moved to, into <c>normal</c>, <c>anomalous</c> and <c>refused</c>.</summary>
    /// <value>Default: the watched folder.</value>
    public string? Into { get; init; }

    /// <summary>A CSV file to which each result is appended.</summary>
    public string? Csv { get; init; }

    /// <summary>A file to which each result is appended as one line of JSON.</summary>
    public string? JsonLines { get; init; }

    /// <summary>Where results are published: <c>[mqtt[s]://][user:password@]host[:port]/topic</c>.</summary>
    public string? Mqtt { get; init; }

    /// <summary>How long a file's size and time must stay the same before it counts as complete.</summary>
    /// <value>Default half a second, from 0 to 10 minutes.</value>
    public TimeSpan Settle { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How often the folder is looked at even when nothing was announced, as on network drives.</summary>
    /// <value>Default 2 seconds, from 0.1 second to 1 hour.</value>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentException">The folder is missing, the MQTT address is malformed, or two logs are one file.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public void Validate()
    {
        if (!Directory.Exists(Folder)) throw new ArgumentException($"The folder to watch '{Folder}' does not exist; make it first.", nameof(Folder));
        if (!Enum.IsDefined(Then)) throw new ArgumentOutOfRangeException(nameof(Then), Then, "Then must be move, tag or leave.");
        if (Settle < TimeSpan.Zero || Settle > TimeSpan.FromMinutes(10)) throw new ArgumentOutOfRangeException(nameof(Settle), Settle, "Settle must be between 0 and 10 minutes.");
        if (Interval < TimeSpan.FromSeconds(0.1) || Interval > TimeSpan.FromHours(1)) throw new ArgumentOutOfRangeException(nameof(Interval), Interval, "Interval must be between 0.1 second and 1 hour.");
        if (Mqtt is not null) MqttAddress.Parse(Mqtt);
        if (Csv is not null && JsonLines is not null && Path.GetFullPath(Csv) == Path.GetFullPath(JsonLines)) throw new ArgumentException($"Csv and JsonLines are both '{Csv}'; name two files.", nameof(JsonLines));
    }
}
