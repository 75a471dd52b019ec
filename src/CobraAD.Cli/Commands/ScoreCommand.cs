using System.CommandLine;
using System.Globalization;
using CobraAD.Cli.Terminal;
using CobraAD.Cli.Terminal.Displays;
using CobraAD.Cli.Values;
using CobraAD.Datasets;
using CobraAD.Detection;
using Spectre.Console;

namespace CobraAD.Cli.Commands;

/// <summary><c>cobra score MODEL IMAGES…</c></summary>
internal sealed class ScoreCommand
{
    private readonly Argument<string> model = new("MODEL") { Description = "A .cobra file." };
    private readonly Argument<string[]> images = new("IMAGES") { Description = "Image files, and folders that are searched at any depth.", Arity = ArgumentArity.OneOrMore };
    private readonly Option<bool> csv = new("--csv") { Description = "Print comma-separated values." };

    private readonly Option<string?> heatMaps = new("--heatmaps") { Description = "Also write a picture of each image that shows where it is anomalous.", HelpName = "FOLDER" };

    public static Command Create(CommandHost host)
    {
        ScoreCommand score = new();
        Command command = new("score", "Score images: 0.5 is the threshold, more is anomalous; the distance to it ranks also where the score has reached 1.");
        command.Arguments.Add(score.model);
        command.Arguments.Add(score.images);
        command.Options.Add(score.csv);
        command.Options.Add(score.heatMaps);
        host.SetAction(command, score.Run);
        return command;
    }

    private void Run(CommandContext context)
    {
        if (context.Arguments.GetValue(csv) && context.Console.IsJson) throw new UsageException("--csv and --json exclude each other.");
        string? pictures = context.Arguments.GetValue(heatMaps);
        if (pictures is not null) OutputFile.RequireFolder(heatMaps.Name, pictures);
        using ITrainedDetector detector = Detector.Load(context.Arguments.GetValue(model)!, context.OpenDevice());
        FileScores scores = context.Console.Track(board => detector.ScoreFiles(context.Arguments.GetValue(images)!, pictures, new ReadingProgress(board), context.Cancellation));
        if (scores.Images.Count == 0 && scores.Unreadable.Count == 0) throw new UsageException("IMAGES name no image file.");

        if (context.Arguments.GetValue(csv)) context.Console.PrintDocument(Csv(scores.Images));
        else context.Console.Print(TableOf(scores.Images));
        context.Console.PrintJson(new { Model = context.Arguments.GetValue(model), detector.Threshold, scores.Images, scores.Unreadable });

        int anomalous = scores.Images.Count(image => image.IsAnomalous);
        context.Console.Say($"{anomalous} of {scores.Images.Count} images are anomalous: their score is above 0.5. The distance to the threshold is in units of the good images' spread.");
        if (pictures is not null) context.Console.Say($"Heat maps: {pictures}");
        foreach (UnreadableImage image in scores.Unreadable) context.Console.Warn($"cannot read {image.Source}: {image.Reason}");
        if (scores.Unreadable.Count > 0) throw new InvalidDataException($"{scores.Unreadable.Count} of {scores.Unreadable.Count + scores.Images.Count} images could not be read; the others are scored.");
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

    private static string Csv(IEnumerable<FileScore> scores) => string.Join(
        Environment.NewLine, scores.Select(image => Invariant($"{Visible.AsField(image.Path)},{image.RawScore:R},{image.Score:R},{(image.IsAnomalous ? 1 : 0)},{image.Distance:R}")).Prepend("path,raw_score,score,anomalous,distance"));

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
