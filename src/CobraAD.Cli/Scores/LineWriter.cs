using System.Globalization;
using System.Text.Json;
using CobraAD.Cli.Terminal;
using CobraAD.Datasets;
using CobraAD.Serialization;

namespace CobraAD.Cli.Scores;

/// <summary>One line for each image: comma-separated values, or a JSON object each.</summary>
internal sealed class LineWriter : IScoreWriter
{
    private static readonly JsonSerializerOptions OneLine = new(CobraJson.Options) { WriteIndented = false };

    private readonly CommandConsole console;
    private readonly bool isJson;

    public LineWriter(CommandConsole console, bool isJson)
    {
        this.console = console;
        this.isJson = isJson;
    }

    private bool HasHead { get; set; }

    public void Add(FileScores block)
    {
        Head();
        foreach (FileScore image in block.Images)
        {
            console.PrintDocument(isJson
                ? JsonSerializer.Serialize(image, OneLine)
                : string.Create(CultureInfo.InvariantCulture, $"{Visible.AsField(image.Path)},{image.RawScore:R},{image.Score:R},{(image.IsAnomalous ? 1 : 0)},{image.Distance:R}"));
        }

        if (!isJson) return;
        foreach (UnreadableImage image in block.Unreadable) console.PrintDocument(JsonSerializer.Serialize(new { Path = image.Source, Unreadable = image.Reason }, OneLine));
    }

    public void Complete() => Head();

    public void Dispose()
    {
    }

    private void Head()
    {
        if (!HasHead && !isJson) console.PrintDocument("path,raw_score,score,anomalous,distance");
        HasHead = true;
    }
}
