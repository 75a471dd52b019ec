using CobraAD.Serialization;
using Parquet;
using Parquet.Schema;

namespace CobraAD.Cli.Scores;

/// <summary>
/// Scores as an Apache Parquet file: path, raw_score, score, anomalous, distance, and unreadable, the reason where there is no score. It appears
/// under its name when it is complete.
/// </summary>
internal sealed class ParquetScores : IScoreWriter
{
    private const int RowsOfAGroup = 1 << 16;

    private static readonly DataField<string> Path = new("path"), Unreadable = new("unreadable");
    private static readonly DataField<double?> Raw = new("raw_score"), Score = new("score"), Distance = new("distance");
    private static readonly DataField<bool?> Anomalous = new("anomalous");

    private readonly string target, temporary;
    private readonly FileStream stream;
    private readonly ParquetWriter writer;
    private readonly List<(string Path, FileScore? Score, string? Unreadable)> rows = [];
    private bool isClosed;

    /// <param name="path">The file; it can be written (<see cref="Values.OutputFile.Require"/>).</param>
    public ParquetScores(string path)
    {
        target = System.IO.Path.GetFullPath(path);
        temporary = AtomicFile.TemporaryBeside(target);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(target)!);
        stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.ReadWrite);
        writer = ParquetWriter.CreateAsync(new ParquetSchema(Path, Raw, Score, Anomalous, Distance, Unreadable), stream).GetAwaiter().GetResult();
    }

    public void Add(FileScores block)
    {
        rows.AddRange(block.Images.Select(image => (image.Path, (FileScore?)image, (string?)null)));
        rows.AddRange(block.Unreadable.Select(image => (image.Source, (FileScore?)null, (string?)image.Reason)));
        if (rows.Count >= RowsOfAGroup) WriteGroup();
    }

    public void Complete()
    {
        if (rows.Count > 0) WriteGroup();
        Close();
        File.Move(temporary, target, overwrite: true);
    }

    public void Dispose()
    {
        try
        {
            Close();
        }
        catch (Exception exception) when (exception is IOException or ArgumentOutOfRangeException)
        {
            // The disk is full (a limit on the size of files is the second kind), and that was said when it happened.
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private void Close()
    {
        if (isClosed) return;
        isClosed = true;
        using (stream)
        {
            writer.DisposeAsync().AsTask().GetAwaiter().GetResult();
            stream.Flush(flushToDisk: true);
        }
    }

    private void WriteGroup()
    {
        using ParquetRowGroupWriter group = writer.CreateRowGroup();
        WriteAsync(group).GetAwaiter().GetResult();
        rows.Clear();
    }

    private async Task WriteAsync(ParquetRowGroupWriter group)
    {
        await group.WriteAsync(Path, [.. rows.Select(row => row.Path)]);
        await group.WriteAsync<double>(Raw, rows.Select(row => row.Score?.RawScore).ToArray());
        await group.WriteAsync<double>(Score, rows.Select(row => row.Score?.Score).ToArray());
        await group.WriteAsync<bool>(Anomalous, rows.Select(row => row.Score?.IsAnomalous).ToArray());
        await group.WriteAsync<double>(Distance, rows.Select(row => row.Score?.Distance).ToArray());
        await group.WriteAsync(Unreadable, [.. rows.Select(row => row.Unreadable!)]);
    }
}
