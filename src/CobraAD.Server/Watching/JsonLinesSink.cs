using System.Text.Json;

namespace CobraAD.Server.Watching;

/// <summary>Appends each result as a line of JSON.</summary>
internal sealed partial class JsonLinesSink : IPartSink
{
    /// <summary>How <see cref="WatchedPart.ToJson"/> begins.</summary>
    private const string Start = "{\"file\":";

    private readonly LineLog log;

    public JsonLinesSink(string path, ILogger<JsonLinesSink> logger)
    {
        log = LineLog.Open(path, "", Start, IsWhole);
        if (log.Torn is not null) LogTorn(logger, path, log.Torn);
    }

    public Task WriteAsync(WatchedPart part, CancellationToken cancellation)
    {
        // Written before a crash, or before another log failed.
        if (log.LastLine is null || !part.IsIn(log.LastLine)) log.Append(part.ToJson());
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        log.Dispose();
        return ValueTask.CompletedTask;
    }

    private static bool IsWhole(string line)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            return document.RootElement.ValueKind is JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Path}: the last line was torn and is taken back: {Line}")]
    private static partial void LogTorn(ILogger logger, string path, string line);
}
