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
    /// <exception cref="ArgumentException">A folder is missing or a file, a log is a folder, the MQTT address is malformed, two logs are one file, or an option does nothing beside the others.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public void Validate()
    {
        if (!Directory.Exists(Folder)) throw new ArgumentException($"The folder to watch '{Folder}' does not exist; make it first.", nameof(Folder));
        if (!Enum.IsDefined(Then)) throw new ArgumentOutOfRangeException(nameof(Then), Then, "Then must be move, tag or leave.");
        if (Settle < TimeSpan.Zero || Settle > TimeSpan.FromMinutes(10)) throw new ArgumentOutOfRangeException(nameof(Settle), Settle, "Settle must be between 0 and 10 minutes.");
        if (Interval < TimeSpan.FromSeconds(0.1) || Interval > TimeSpan.FromHours(1)) throw new ArgumentOutOfRangeException(nameof(Interval), Interval, "Interval must be between 0.1 second and 1 hour.");
        if (Into is not null && Then != WatchAction.Move) throw new ArgumentException($"Into is where files are moved to, and Then is {Then.ToString().ToLowerInvariant()}, which moves none. Leave Into out, or let Then be move.", nameof(Into));
        if (Into is not null && File.Exists(Into)) throw new ArgumentException($"Into is '{Into}', which is a file; name a folder.", nameof(Into));
        RequireFile(Csv, nameof(Csv));
        RequireFile(JsonLines, nameof(JsonLines));
        if (Mqtt is not null) MqttAddress.Parse(Mqtt);
        if (Csv is not null && JsonLines is not null && Path.GetFullPath(Csv) == Path.GetFullPath(JsonLines)) throw new ArgumentException($"Csv and JsonLines are both '{Csv}'; name two files.", nameof(JsonLines));
    }

    private static void RequireFile(string? log, string option)
    {
        if (log is null) return;
        if (Directory.Exists(log)) throw new ArgumentException($"{option} is '{log}', which is a folder; name a file.", option);
        if (log.Length == 0) throw new ArgumentException($"{option} is empty; name a file.", option);
    }
}
