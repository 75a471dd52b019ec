using System.CommandLine;
using System.Globalization;
using CobraAD.Cli.Terminal;
using CobraAD.Cli.Terminal.Displays;
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

    public static Command Create(CommandHost host)
    {
        ScoreCommand score = new();
        Command command = new("score", "Score images: 0.5 is the threshold, more is anomalous.");
        command.Arguments.Add(score.model);
        command.Arguments.Add(score.images);
        command.Options.Add(score.csv);
        host.SetAction(command, score.Run);
        return command;
    }

    private void Run(CommandContext context)
    {
        if (context.Arguments.GetValue(csv) && context.Console.IsJson) throw new UsageException("--csv and --json exclude each other.");
        using ITrainedDetector detector = Detector.Load(context.Arguments.GetValue(model)!, context.OpenDevice());
        FileScores scores = context.Console.Track(board => detector.ScoreFiles(context.Arguments.GetValue(images)!, new ReadingProgress(board), context.Cancellation));
        if (scores.Images.Count == 0 && scores.Unreadable.Count == 0) throw new UsageException("IMAGES name no image file.");

        if (context.Arguments.GetValue(csv)) context.Console.PrintDocument(Csv(scores.Images));
        else context.Console.Print(TableOf(scores.Images));
        context.Console.PrintJson(new { Model = context.Arguments.GetValue(model), detector.Threshold, scores.Images, scores.Unreadable });

        foreach (UnreadableImage image in scores.Unreadable) context.Console.Warn($"cannot read {image.Source}: {image.Reason}");
        if (scores.Unreadable.Count > 0) throw new InvalidDataException($"{scores.Unreadable.Count} of {scores.Unreadable.Count + scores.Images.Count} images could not be read; the others are scored.");
    }

    private static Table TableOf(IEnumerable<FileScore> scores)
    {
        Table table = new Table().Border(TableBorder.Simple).AddColumns("image", "raw score", "score", "verdict");
        table.Columns[1].RightAligned();
        table.Columns[2].RightAligned();
        foreach (FileScore image in scores)
            table.AddRow(Markup.Escape(Visible.Of(image.Path)), Invariant($"{image.RawScore:0.000000}"), Invariant($"{image.Score:0.000}"), image.IsAnomalous ? "anomalous" : "normal");
        return table;
    }

    private static string Csv(IEnumerable<FileScore> scores) => string.Join(
        Environment.NewLine, scores.Select(image => Invariant($"{Visible.AsField(image.Path)},{image.RawScore:R},{image.Score:R},{(image.IsAnomalous ? 1 : 0)}")).Prepend("path,raw_score,score,anomalous"));

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
