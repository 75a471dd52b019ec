using System.CommandLine;
using System.Globalization;
using CobraAD.Cli.Terminal.Displays;
using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Methods;
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
        using ITrainedDetector detector = DetectionMethods.Load(context.Arguments.GetValue(model)!, context.OpenDevice());
        using ReadImages read = context.Console.Track(board => DatasetLoader.ReadImages(
            context.Arguments.GetValue(images)!, detector.Card.Data.Height, progress: new ReadingProgress(board), cancellation: context.Cancellation));
        if (read.Images.Count == 0 && read.Unreadable.Count == 0) throw new UsageException("IMAGES name no image file.");

        double[] raw = detector.ScoreAll(read.Images, cancellation: context.Cancellation);
        ImageScore[] scores = [.. raw.Select((score, i) => new ImageScore(read.Images.Sources[i], score, detector.Calibrate(score), score > detector.Threshold))];
        if (context.Arguments.GetValue(csv)) context.Console.PrintDocument(Csv(scores));
        else context.Console.Print(TableOf(scores));
        context.Console.PrintJson(new { Model = context.Arguments.GetValue(model), detector.Threshold, Images = scores, read.Unreadable });

        foreach (UnreadableImage image in read.Unreadable) context.Console.Warn($"cannot read {image.Source}: {image.Reason}");
        if (read.Unreadable.Count > 0) throw new InvalidDataException($"{read.Unreadable.Count} of {read.Unreadable.Count + scores.Length} images could not be read; the others are scored.");
    }

    private static Table TableOf(IEnumerable<ImageScore> scores)
    {
        Table table = new Table().Border(TableBorder.Simple).AddColumns("image", "raw score", "score", "verdict");
        table.Columns[1].RightAligned();
        table.Columns[2].RightAligned();
        foreach (ImageScore image in scores)
            table.AddRow(Markup.Escape(image.Path), Invariant($"{image.RawScore:0.000000}"), Invariant($"{image.Score:0.000}"), image.IsAnomalous ? "anomalous" : "normal");
        return table;
    }

    private static string Csv(IEnumerable<ImageScore> scores) => string.Join(
        Environment.NewLine, scores.Select(image => Invariant($"{Quote(image.Path)},{image.RawScore:R},{image.Score:R},{(image.IsAnomalous ? 1 : 0)}")).Prepend("path,raw_score,score,anomalous"));

    private static string Quote(string text) => text.AsSpan().IndexOfAny(",\"\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <param name="Path">The file.</param>
    /// <param name="RawScore">What the detector computes.</param>
    /// <param name="Score">On the scale where 0.5 is the threshold.</param>
    /// <param name="IsAnomalous">Whether it lies above the threshold.</param>
    private sealed record ImageScore(string Path, double RawScore, double Score, bool IsAnomalous);
}
