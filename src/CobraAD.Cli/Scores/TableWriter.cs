using System.Globalization;
using CobraAD.Cli.Terminal;
using CobraAD.Datasets;
using Spectre.Console;

namespace CobraAD.Cli.Scores;

/// <summary>A table for people, or one JSON object; both need everything at once.</summary>
internal sealed class TableWriter(CommandConsole console, string model, double? threshold) : IScoreWriter
{
    private readonly List<FileScore> images = [];
    private readonly List<UnreadableImage> unreadable = [];

    public void Add(FileScores block)
    {
        images.AddRange(block.Images);
        unreadable.AddRange(block.Unreadable);
    }

    public void Complete()
    {
        console.Print(TableOf(images));
        console.PrintJson(new { Model = model, Threshold = threshold, Images = images, Unreadable = unreadable });
    }

    public void Dispose()
    {
    }

    private static Table TableOf(IEnumerable<FileScore> scores)
    {
        Table table = new Table().Border(TableBorder.Simple).AddColumns("image", "verdict", "score", "distance", "raw score");
        foreach (TableColumn column in table.Columns.Skip(2)) column.RightAligned();
        foreach (FileScore image in scores)
            table.AddRow(Markup.Escape(Visible.Of(image.Path)), image.IsAnomalous ? "anomalous" : "normal", Calibrated(image), Invariant($"{image.Distance:+0.00;-0.00;0.00}"), Invariant($"{image.RawScore:G12}"));
        return table;
    }

    /// <summary>Never rounded to the threshold or across it: that is the verdict's.</summary>
    private static string Calibrated(FileScore image) => Math.Round(image.Score, 3) == 0.5 && image.Score != 0.5 ? image.IsAnomalous ? "> 0.500" : "< 0.500" : Invariant($"{image.Score:0.000}");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
