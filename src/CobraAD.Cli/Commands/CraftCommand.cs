using System.CommandLine;
using System.Globalization;
using CobraAD.Cli.Arguments;
using CobraAD.Cli.Terminal;
using CobraAD.Cli.Terminal.Displays;
using CobraAD.Cli.Values;
using CobraAD.Datasets;
using CobraAD.Methods.Cobra;
using CobraAD.Methods.Tiles;
using CobraAD.PseudoAnomalies;
using CobraAD.Reporting.Pictures;
using static TorchSharp.torch;

namespace CobraAD.Cli.Commands;

/// <summary><c>cobra craft DATA -o gallery.png</c>: what the pseudo-anomalies of a data set look like.</summary>
internal sealed class CraftCommand
{
    private readonly DataArguments data = new();
    private readonly ModelArguments model = new("tiny");
    private readonly Option<string> output = new("--output", "-o") { Description = "The picture to write.", HelpName = "FILE", DefaultValueFactory = _ => "gallery.png" };
    private readonly Option<int> count = new("--count") { Description = "Images shown.", HelpName = "N", CustomParser = NumberOption.Within(1, 64), DefaultValueFactory = _ => 8 };

    public static Command Create(CommandHost host)
    {
        CraftCommand craft = new();
        Command command = new("craft", "Draw normal images, the pseudo-anomalies made of them, and their p-values.");
        craft.data.AddTo(command);
        command.Options.Add(craft.output);
        command.Options.Add(craft.count);
        craft.model.AddTo(command);
        host.SetAction(command, craft.Run);
        return command;
    }

    private void Run(CommandContext context)
    {
        if (!model.IsPrintConfig(context)) OutputFile.RequireOfKind(output.Name, context.Arguments.GetValue(output)!, FileKind.Png);
        Device device = context.OpenDevice();
        using AnomalyBenchmark benchmark = data.Open(context);
        CobraOptions options = model.Resolve(context, Math.Max(benchmark.Train.Height, benchmark.Train.Width), benchmark);
        if (model.IsPrintConfig(context))
        {
            ModelArguments.Print(context, options);
            return;
        }

        if (PseudoAnomalyGallery.Refusal(options.AnomalySource) is { } refusal) throw new UsageException(refusal);
        using ImageSet? tiles = Tiles(context, benchmark.Train, options);
        using PseudoAnomalyGallery gallery = context.Console.Track(board => PseudoAnomalyGallery.Draw(
            tiles ?? benchmark.Train, options.AnomalySource, options.PseudoAnomalies, options.Seed, context.Arguments.GetValue(count), options.ClaimedOrigin, device,
            new SourceDisplay(board), context.Cancellation));
        string path = context.Arguments.GetValue(output)!;
        gallery.WritePicture(path);

        context.Console.Print($"{path}: {gallery.Normals.size(0)} normal {(tiles is null ? "images" : $"tiles of {options.Tiles!.Size} px")} and their pseudo-anomalies, {gallery.Statistics.MeanTries.ToString("0.0", CultureInfo.InvariantCulture)} candidates for each");
        context.Console.Print($"pseudo-anomalies: {gallery.Source}");
        if (MixText.WarningOf(new PseudoAnomalyRecord(options.PseudoAnomalies, gallery.Health, gallery.Statistics)) is { } evenly) context.Console.Warn(evenly);
        context.Console.PrintJson(new { Picture = path, gallery.Source, gallery.NormalPValues, gallery.AnomalyPValues, gallery.Statistics, gallery.Health });
    }

    /// <summary>The tiles of a training that goes through images in tiles; <see langword="null"/> where it looks at whole ones.</summary>
    private static ImageSet? Tiles(CommandContext context, ImageSet images, CobraOptions options)
    {
        if (options.Tiles is null) return null;
        TrainCommand.RequireFit(options, images.Height, images.Width);
        return TrainingTiles.Of(images, options, context.Cancellation);
    }
}
