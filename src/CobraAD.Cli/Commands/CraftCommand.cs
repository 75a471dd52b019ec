using System.CommandLine;
using System.Globalization;
using CobraAD.Cli.Arguments;
using CobraAD.Cli.Terminal.Displays;
using CobraAD.Cli.Values;
using CobraAD.Datasets;
using CobraAD.Methods.Cobra;
using CobraAD.PseudoAnomalies;
using CobraAD.PseudoAnomalies.Crafting;
using CobraAD.Reporting.Pictures;
using CobraAD.Torch;
using TorchSharp;
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
        Device device = context.OpenDevice();
        using AnomalyBenchmark benchmark = data.Open(context);
        CobraOptions options = model.Resolve(context, Math.Max(benchmark.Train.Height, benchmark.Train.Width));
        if (model.IsPrintConfig(context))
        {
            ModelArguments.Print(context, options);
            return;
        }

        if (options.AnomalySource is PseudoAnomalySources.None or PseudoAnomalySources.VirtualOutliers)
        {
            throw new UsageException(
                $"The anomaly source is \"{options.AnomalySource}\", {(options.AnomalySource == PseudoAnomalySources.None ? "which makes none" : "whose outliers are features of a network in training, not images")}: there is nothing to draw.");
        }

        RandomStreams streams = new(options.Seed);
        using PseudoAnomalySupply supply = context.Console.Track(board => PseudoAnomalySources.Build(
            options.AnomalySource, options.ClaimedOrigin, benchmark.Train, options.PseudoAnomalies, streams, device, new SourceDisplay(board), context.Cancellation));

        using DisposeScope scope = NewDisposeScope();
        using Generator rng = streams.Create("craft");
        Tensor normals = Sample(benchmark.Train, context.Arguments.GetValue(count), rng, device);
        Tensor crafted = supply.Craft(normals, rng)!;
        PseudoAnomalyGenerator? filtered = supply.Generator is { Options.Filter: true } generator ? generator : null;
        double[]? before = filtered is null ? null : PValues(filtered, normals);
        double[]? after = filtered is null ? null : PValues(filtered, crafted);
        string path = context.Arguments.GetValue(output)!;
        ImageGrid.Write(path, [new ImageGridRow("normal", normals, Captions(before)), new ImageGridRow("pseudo-anomalies", crafted, Captions(after))]);

        context.Console.Print($"{path}: {normals.size(0)} normal images and their pseudo-anomalies, {supply.Statistics.MeanTries.ToString("0.0", CultureInfo.InvariantCulture)} candidates for each");
        context.Console.Print($"pseudo-anomalies: {supply.Name}");
        context.Console.PrintJson(new { Picture = path, Source = supply.Name, NormalPValues = before, AnomalyPValues = after, supply.Statistics, supply.Generator?.Health });
    }

    private static Tensor Sample(ImageSet images, int count, Generator rng, Device device)
    {
        long[] order = randperm(images.Count, ScalarType.Int64, CPU, generator: rng).data<long>().ToArray();
        return images.Batch(order.AsSpan(0, Math.Min(count, order.Length)), device);
    }

    private static double[] PValues(PseudoAnomalyGenerator source, Tensor images)
    {
        using IDisposable frozen = no_grad();
        return source.PValues(images).to(ScalarType.Float64).cpu().data<double>().ToArray();
    }

    private static string[]? Captions(double[]? pValues) =>
        pValues is null ? null : [.. pValues.Select(p => string.Create(CultureInfo.InvariantCulture, $"p = {p:0.000}"))];
}
