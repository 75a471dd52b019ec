using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using CobraAD.Attacks;
using CobraAD.Attacks.Gradient;
using CobraAD.Cli.Arguments;
using CobraAD.Cli.Terminal.Displays;
using CobraAD.Cli.Terminal.Tables;
using CobraAD.Cli.Values;
using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Evaluation.Robustness;
using CobraAD.Methods;
using CobraAD.Methods.Cobra;
using CobraAD.Reporting;
using CobraAD.Training;
using TorchSharp;

namespace CobraAD.Cli.Commands;

/// <summary><c>cobra compare DATA --time 10m</c>: several methods, the same images, the same attack.</summary>
internal sealed class CompareCommand
{
    /// <summary>From fast to slow, so that what a fast one leaves of its share serves the slow ones.</summary>
    private static readonly string[] Usual = ["dn2", "patchcore", "panda", "cobra:parts"];

    /// <summary>What COBRA's training may have of its share; the rest is for the attack.</summary>
    private const double TrainingShare = 0.7;

    /// <summary>No timer waits much longer.</summary>
    private static readonly TimeSpan LongestShare = TimeSpan.FromDays(40);

    private readonly DataArguments data = new();
    private readonly Option<string[]?> methods = new("--methods")
    {
        Description = $"Methods, with a preset after a colon where the default is not meant; by default {string.Join(", ", Usual)}.",
        HelpName = "NAME[:PRESET]…",
        AllowMultipleArgumentsPerToken = true,
    };
    private readonly Option<TimeSpan?> time = new("--time")
    {
        Description = "How long it may take, e.g. 20m; each method gets its share of what is left. 10m by default.",
        HelpName = "TIME",
        CustomParser = Duration.Optional,
    };
    private readonly Option<double[]?> epsilon = TextOption.Of("--epsilon", "Radius of the attack (linf); 2/255 by default.", "2/255", RadiusList.Parse);
    private readonly Option<IReadOnlyList<Attack>?> attack = TextOption.Of("--attack", "Attacks with their options; by default PGD with ten steps.", "RECIPES", AttackRecipe.ParseMany);
    private readonly Option<int> samples = new("--samples") { Description = "Test images of each class at most.", HelpName = "N", CustomParser = NumberOption.Within(1, int.MaxValue), DefaultValueFactory = _ => 20 };
    private readonly Option<string?> output = new("--output", "-o") { Description = "Folder for the trained models.", HelpName = "DIR" };
    private readonly Option<bool> replace = TrainCommand.ReplaceOption();
    private readonly Option<string?> report = new("--report") { Description = "Folder for the report as a page, JSON and Markdown.", HelpName = "DIR" };

    public static Command Create(CommandHost host)
    {
        CompareCommand compare = new();
        Command command = new("compare", "Train several methods on the same images, attack all alike, and say which to choose for what.");
        compare.data.AddTo(command);
        foreach (Option option in (Option[])[compare.methods, compare.time, compare.epsilon, compare.attack, compare.samples, compare.output, compare.replace, compare.report]) command.Options.Add(option);
        host.SetAction(command, compare.Run);
        return command;
    }

    private void Run(CommandContext context)
    {
        (string Label, IDetectionMethod Method, string? Preset)[] chosen = [.. (context.Arguments.GetValue(methods) is { Length: > 0 } named ? named : Usual).Select(Chosen)];
        RobustnessStudy study = Study(context);
        context.RequirePartner(context.Arguments.GetValue(output) is not null, $"{output.Name} DIR", replace);
        RequireOutputs(context, chosen.Select(method => method.Label));
        torch.Device device = context.OpenDevice();
        using AnomalyBenchmark benchmark = data.Open(context);

        long started = Stopwatch.GetTimestamp();
        TimeSpan whole = context.Arguments.GetValue(time) ?? TimeSpan.FromMinutes(10);
        List<ComparisonTable.Row> rows = [];
        RobustnessReport? shared = null;
        for (int i = 0; i < chosen.Length; i++)
        {
            TimeSpan share = (whole - Stopwatch.GetElapsedTime(started)) / (chosen.Length - i);
            using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(context.Cancellation);
            if (share > TimeSpan.Zero) deadline.CancelAfter(share < LongestShare ? share : LongestShare);
            else deadline.Cancel();
            try
            {
                (ComparisonTable.Row row, RobustnessReport own) = Measure(context, chosen[i], share, benchmark, study, device, deadline.Token);
                rows.Add(row);
                shared ??= own;
            }
            catch (TooLittleTimeException exception)
            {
                rows.Add(new ComparisonTable.Row(chosen[i].Label, null, 0, 0, $"{exception.Message} Or give more --time"));
            }
            catch (OperationCanceledException) when (!context.Cancellation.IsCancellationRequested)
            {
                rows.Add(new ComparisonTable.Row(chosen[i].Label, null, 0, 0, string.Create(CultureInfo.InvariantCulture, $"not done in its {Math.Max(0, share.TotalSeconds):0} s; give more --time")));
            }
        }

        Print(context, rows, shared);
    }

    private (ComparisonTable.Row Row, RobustnessReport Report) Measure(
        CommandContext context, (string Label, IDetectionMethod Method, string? Preset) chosen, TimeSpan share, AnomalyBenchmark benchmark, RobustnessStudy study, torch.Device device,
        CancellationToken cancellation) => context.Console.Track(board =>
    {
        DetectorOptions options = chosen.Method.Preset(chosen.Preset ?? chosen.Method.PresetFor(benchmark), Math.Max(benchmark.Train.Height, benchmark.Train.Width));
        if (context.Seed is { } seed) options = options with { Seed = seed };
        if (options is CobraOptions cobra) options = Planned(cobra, benchmark.Train, TrainingShare * share, device);
        using ITrainedDetector detector = Detector.Train(benchmark, options, new TrainingSession
        {
            Device = device,
            Progress = new TrainingDisplay(board, (options as CobraOptions)?.Epochs, chosen.Label),
            Cancellation = cancellation,
        });
        if (context.Arguments.GetValue(output) is { } folder) detector.Save(ModelFile(folder, chosen.Label));
        double milliseconds = TimeOfOne(detector, benchmark.Test);
        using StudyResult result = study.Run(detector, benchmark, new StudyDisplay(board, chosen.Label), cancellation);
        ReportDetector measured = result.Describe() with { Description = string.Create(CultureInfo.InvariantCulture, $"{chosen.Label}; {milliseconds:0} ms for one image") };
        return (new ComparisonTable.Row(chosen.Label, measured, detector.Card.TrainingSeconds, milliseconds), result.Report($"Methods on {benchmark.Name}", [measured]));
    });

    /// <summary>What a run of minutes is to write at its end can be written, and is not there already.</summary>
    private void RequireOutputs(CommandContext context, IEnumerable<string> labels)
    {
        if (context.Arguments.GetValue(report) is { } written) OutputFile.RequireFolder(report.Name, written);
        if (context.Arguments.GetValue(output) is not { } folder) return;
        OutputFile.RequireFolder(output.Name, folder);
        foreach (string label in labels) OutputFile.RequireNew(output.Name, ModelFile(folder, label), context.Arguments.GetValue(replace), replace.Name);
    }

    private static string ModelFile(string folder, string label) => Path.Combine(folder, $"{label.Replace(':', '-')}.cobra");

    /// <summary>COBRA with as many updates as its share of the time allows: what it costs and gains is a matter of those.</summary>
    private static CobraOptions Planned(CobraOptions options, ImageSet images, TimeSpan time, torch.Device device)
    {
        try
        {
            return CobraTime.Fit(options, images, time, device);
        }
        catch (ArgumentOutOfRangeException exception)
        {
            throw new TooLittleTimeException(exception.Message.Split(" (Parameter")[0]);
        }
    }

    /// <summary>The middle of five, after one to warm up.</summary>
    private static double TimeOfOne(ITrainedDetector detector, ImageSet images)
    {
        using ImageSet one = images.Subset([0]);
        detector.ScoreAll(one);
        return Enumerable.Range(0, 5).Select(_ =>
        {
            long started = Stopwatch.GetTimestamp();
            detector.ScoreAll(one);
            return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        }).Order().ElementAt(2);
    }

    private void Print(CommandContext context, List<ComparisonTable.Row> rows, RobustnessReport? shared)
    {
        context.Console.Print(ComparisonTable.Of(rows));
        foreach (string line in ComparisonTable.Advice(rows)) context.Console.Print(line);
        ReportDetector[] measured = [.. rows.Where(row => row.Detector is not null).Select(row => row.Detector!)];
        if (shared is not null && context.Arguments.GetValue(report) is { } folder)
        {
            RobustnessReport whole = shared with { Detectors = measured, Invariants = [.. measured.SelectMany(ReportInvariant.Check)], Command = context.CommandLine };
            context.Console.Say($"Report: {whole.Write(folder)}");
        }

        context.Console.PrintJson(rows.Select(row => new
        {
            row.Method,
            CleanAuroc = row.Detector?.Clean.Auroc.Value,
            AttackedAuroc = row.Detector?.Union.Auroc.Value,
            row.Detector?.Localization,
            row.TrainingSeconds,
            row.Milliseconds,
            row.Remark,
        }));
    }

    private RobustnessStudy Study(CommandContext context)
    {
        double[]? radii = context.Arguments.GetValue(epsilon) is { Length: > 0 } given ? given : null;
        if (radii is { Length: > 1 }) throw new UsageException("--epsilon: a comparison has one radius.");
        ThreatModel threat = new(Norm.Linf, radii?[0] ?? 2 / 255.0);
        try
        {
            threat.Validate();
        }
        catch (ArgumentOutOfRangeException exception)
        {
            throw new UsageException($"--epsilon: {exception.Message}");
        }

        return new RobustnessStudy(threat, context.Arguments.GetValue(attack) ?? [new Pgd { Steps = 10 }])
        {
            Evaluation = new RobustnessOptions { SamplesPerClass = context.Arguments.GetValue(samples), Seed = context.Seed ?? 0 },
        };
    }

    private static (string Label, IDetectionMethod Method, string? Preset) Chosen(string text)
    {
        string[] parts = text.Split(':', 2);
        IDetectionMethod method;
        try
        {
            method = DetectionMethods.Get(parts[0]);
        }
        catch (ArgumentException exception)
        {
            throw new UsageException($"--methods: {exception.Message}");
        }

        string? preset = parts.Length > 1 ? parts[1] : null;
        return preset is null || method.Presets.Contains(preset)
            ? (text, method, preset)
            : throw new UsageException($"--methods: {method.Name} has the presets {string.Join(", ", method.Presets)}; found '{preset}'.");
    }

    /// <summary>Not even the cheapest training of a method fits into its share.</summary>
    private sealed class TooLittleTimeException(string message) : Exception(message);
}
