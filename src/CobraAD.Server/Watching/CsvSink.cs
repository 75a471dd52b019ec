using System.Globalization;

namespace CobraAD.Server.Watching;

/// <summary>
/// Appends each result as a row of a CSV file (RFC 4180, UTF-8), with a header when the file is new. A row is one line, whatever is in its
/// fields, so that a torn one can be told from a whole one.
/// </summary>
internal sealed partial class CsvSink : IPartSink
{
    private const string Header = "seen_at,file,decision,score,calibrated,threshold,robust_margin,nearest_index,width,height,elapsed_ms,model,refusal";

    private readonly LineLog log;

    public CsvSink(string path, ILogger<CsvSink> logger)
    {
        log = LineLog.Open(path, Header, Header, IsWhole);
        if (log.Torn is not null) LogTorn(logger, path, log.Torn);
    }

    public Task WriteAsync(WatchedPart part, CancellationToken cancellation)
    {
        string key = $"{part.SeenAt:O},{Field(part.File)},";
        // Written before a crash, or before another log failed.
        if (log.LastLine?.StartsWith(key, StringComparison.Ordinal) is true) return Task.CompletedTask;
        log.Append(string.Create(CultureInfo.InvariantCulture,
            $"{key}{part.Decision},{part.Result?.Score:R},{part.Result?.Calibrated:R},{part.Result?.Threshold:R},{part.Result?.RobustMargin:R},{part.Result?.NearestIndex},{part.Result?.Width},{part.Result?.Height},{part.Result?.ElapsedMilliseconds:F3},{part.Result?.Model},{Quoted(part.Refusal)}"));
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        log.Dispose();
        return ValueTask.CompletedTask;
    }

    private static string Field(string? text)
    {
        if (string.IsNullOrEmpty(text)) return "";
        string line = text.ReplaceLineEndings(" ");
        // A spreadsheet would take such a text for a formula; file names are chosen by others.
        if (line[0] is '=' or '+' or '-' or '@' or '\t') line = "'" + line;
        return line.AsSpan().IndexOfAny('"', ',') >= 0 ? Quoted(line) : line;
    }

    // The last field is always quoted, so that its end can be seen.
    private static string Quoted(string? text) =>
        string.IsNullOrEmpty(text) ? "" : $"\"{text.ReplaceLineEndings(" ").Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static bool IsWhole(string line)
    {
        int fields = 1;
        bool isQuoted = false;
        foreach (char character in line)
        {
            if (character == '"') isQuoted = !isQuoted;
            else if (character == ',' && !isQuoted) fields++;
        }

        // The last field is empty or quoted, so a row that was cut inside it does not look whole.
        return !isQuoted && fields == Header.AsSpan().Count(',') + 1 && (line.EndsWith(',') || line.EndsWith('"') || line == Header);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Path}: the last row was torn and is taken back: {Row}")]
    private static partial void LogTorn(ILogger logger, string path, string row);
}
