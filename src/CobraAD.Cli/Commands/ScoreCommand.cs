using System.CommandLine;
using CobraAD.Cli.Pieces;
using CobraAD.Cli.Scores;
using CobraAD.Cli.Terminal.Displays;
using CobraAD.Cli.Values;
using CobraAD.Datasets;
using CobraAD.Detection;

namespace CobraAD.Cli.Commands;

/// <summary><c>cobra score MODEL IMAGES…</c></summary>
internal sealed class ScoreCommand
{
    private readonly Argument<string> model = new("MODEL") { Description = "A .cobra file." };
    private readonly Argument<string[]> images = new("IMAGES") { Description = "Image files, and folders that are searched at any depth.", Arity = ArgumentArity.OneOrMore };
    private readonly Option<bool> csv = new("--csv") { Description = "Print comma-separated values." };
    private readonly Option<bool> lines = new("--json-lines") { Description = "Print one JSON object for each image." };
    private readonly Option<string?> parquet = new("--parquet") { Description = "Write an Apache Parquet file instead of printing.", HelpName = "FILE" };
    private readonly PieceJob job = new();

    private readonly Option<string?> heatMaps = new("--heatmaps") { Description = "Also write a picture of each image that shows where it is anomalous.", HelpName = "FOLDER" };

    public static Command Create(CommandHost host)
    {
        ScoreCommand score = new();
        Command command = new("score", "Score images: 0.5 is the threshold, more is anomalous; the distance to it ranks also where the score has reached 1.");
        command.Arguments.Add(score.model);
        command.Arguments.Add(score.images);
        foreach (Option option in (Option[])[score.csv, score.lines, score.parquet, score.heatMaps]) command.Options.Add(option);
        score.job.AddTo(command);
        host.SetAction(command, score.Run);
        return command;
    }

    private void Run(CommandContext context)
    {
        bool isCsv = context.Arguments.GetValue(csv), isLines = context.Arguments.GetValue(lines);
        string? file = context.Arguments.GetValue(parquet);
        string[] forms = [.. new[] { (csv.Name, isCsv), ("--json", context.Console.IsJson), (lines.Name, isLines), (parquet.Name, file is not null) }.Where(form => form.Item2).Select(form => form.Item1)];
        if (forms.Length > 1) throw new UsageException($"{forms[0]} and {forms[1]} exclude each other.");
        if (file is not null) OutputFile.RequireOfKind(parquet.Name, file, FileKind.Parquet);
        string? pictures = context.Arguments.GetValue(heatMaps);
        if (pictures is not null) OutputFile.RequireFolder(heatMaps.Name, pictures);

        string path = context.Arguments.GetValue(model)!;
        string[] paths = context.Arguments.GetValue(images)!;
        if (pictures is not null) RequireApart(pictures, paths);
        string? store = job.Store(context);
        InputFile.Existing(model.Name, path);
        foreach (string named in paths) InputFile.ExistingPath(images.Name, named);
        Lazy<ITrainedDetector> detector = new(() => Detector.Load(path, context.OpenDevice()));
        try
        {
            BulkScoring? planned = store is not null ? BulkScoring.Plan(path, paths, store) : null;
            if (planned is not null && pictures is not null) throw new UsageException($"{heatMaps.Name}: pieces keep scores only; draw the pictures without --store, of the images that matter.");
            if (planned is not null && !job.Run(context, Work(planned, detector, path, paths, context.Cancellation))) return;
            using IScoreWriter writer = file is not null ? new ParquetScores(file) : isCsv || isLines ? new LineWriter(context.Console, isLines) : new TableWriter(context.Console, path, detector.Value.Threshold);
            Write(context, writer, planned?.Results(detector.Value.Card), detector.Value, paths, pictures);
            if (file is not null) context.Console.Print($"{file}: written");
        }
        finally
        {
            if (detector.IsValueCreated) detector.Value.Dispose();
        }
    }

    /// <summary>A map has its image's name: among the images it would replace one, or be scored as one the next time.</summary>
    private void RequireApart(string pictures, string[] paths)
    {
        string target = WithSeparator(pictures);
        foreach (string scored in paths)
        {
            bool isAmong = Directory.Exists(scored)
                ? target.StartsWith(WithSeparator(scored), StringComparison.Ordinal)
                : target == WithSeparator(Path.GetDirectoryName(Path.GetFullPath(scored))!);
            if (isAmong)
                throw new UsageException($"{heatMaps.Name}: {pictures} is among the images that are scored ({scored}), where a map could replace one of them. Name a folder outside.");
        }

        static string WithSeparator(string path) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)) + Path.DirectorySeparatorChar;
    }

    private static PieceWork Work(BulkScoring planned, Lazy<ITrainedDetector> detector, string model, string[] images, CancellationToken cancellation) => new(
        "score", "scoring", planned.Folder, planned.Images, planned.Pieces, () => planned.Missing(cancellation), number => planned.Compute(number, detector.Value, cancellation), planned.Merge)
    {
        Model = model,
        Data = images,
    };

    private static void Write(CommandContext context, IScoreWriter writer, IEnumerable<FileScores>? joined, ITrainedDetector detector, string[] paths, string? pictures)
    {
        int scored = 0, anomalous = 0;
        List<UnreadableImage> unreadable = [];
        context.Console.Track(board =>
        {
            foreach (FileScores block in joined ?? detector.ScoreBlocks(paths, pictures, new ReadingProgress(board), context.Cancellation))
            {
                scored += block.Images.Count;
                anomalous += block.Images.Count(image => image.IsAnomalous);
                unreadable.AddRange(block.Unreadable);
                writer.Add(block);
            }

            return scored;
        });
        if (scored == 0 && unreadable.Count == 0) throw new UsageException("IMAGES name no image file.");
        writer.Complete();

        if (scored > 0) context.Console.Say($"{anomalous} of {scored} images are anomalous: their score is above 0.5. The distance to the threshold is in units of the good images' spread.");
        if (pictures is not null) context.Console.Say($"Heat maps: {pictures}");
        foreach (UnreadableImage image in unreadable) context.Console.Warn($"cannot read {image.Source}: {image.Reason}");
        if (unreadable.Count > 0) throw new InvalidDataException($"{unreadable.Count} of {unreadable.Count + scored} images could not be read{(scored > 0 ? "; the others are scored" : "")}.");
    }
}
