using System.Globalization;

namespace CobraAD.Server.Watching;

/// <summary>Appends each result as a row of a CSV file (RFC 4180, UTF-8), with a header when the file is new.</summary>
internal sealed class CsvSink : IPartSink
{
    private const string Header = "seen_at,file,decision,score,calibrated,threshold,robust_margin,nearest_index,width,height,elapsed_ms,model,refusal";

    private readonly StreamWriter writer;

    public CsvSink(string path)
    {
        writer = Appending.Open(path);
        if (writer.BaseStream.Length == 0) writer.WriteLine(Header);
    }

    public async Task WriteAsync(WatchedPart part, CancellationToken cancellation)
    {
        string row = string.Create(CultureInfo.InvariantCulture,
            $"{part.SeenAt:O},{Field(part.File)},{part.Decision},{part.Result?.Score:R},{part.Result?.Calibrated:R},{part.Result?.Threshold:R},{part.Result?.RobustMargin:R},{part.Result?.NearestIndex},{part.Result?.Width},{part.Result?.Height},{part.Result?.ElapsedMilliseconds:F3},{part.Result?.Model},{Field(part.Refusal)}");
        await writer.WriteLineAsync(row.AsMemory(), cancellation);
        await writer.FlushAsync(cancellation);
    }

    public ValueTask DisposeAsync() => writer.DisposeAsync();

    private static string Field(string? text)
    {
        if (string.IsNullOrEmpty(text)) return "";
        // A spreadsheet would take such a text for a formula; file names are chosen by others.
        if (text[0] is '=' or '+' or '-' or '@' or '\t' or '\r') text = "'" + text;
        return text.AsSpan().IndexOfAny("\",\r\n") >= 0 ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
    }
}
