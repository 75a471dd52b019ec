using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using CobraAD.Attacks;
using CobraAD.Attacks.Gradient;
using CobraAD.Cli.Arguments;
using CobraAD.Cli.Terminal.Displays;
using CobraAD.Cli.Values;
using CobraAD.Datasets;
using CobraAD.Datasets.Demo;
using CobraAD.Detection;
using CobraAD.Evaluation.Robustness;
using CobraAD.Methods.Cobra;
using CobraAD.PseudoAnomalies;
using CobraAD.Reporting;
using CobraAD.Reporting.Pictures;
using CobraAD.Training;
using Spectre.Console;
using static TorchSharp.torch;

namespace CobraAD.Cli.Commands;

/// <summary><c>cobra demo</c>: COBRA and the same detector trained without attack, attacked alike, on the images that come with the library.</summary>
internal sealed class DemoCommand
{
    private const int ImageSize = 32;
    private const double Epsilon = 4 / 255.0;

    /// <summary>PGD is what the paper reports; APGD steered by smooth variants of the score is markedly stronger on a maximum over a bank.</summary>
    private static readonly IReadOnlyList<IAttack> Attacks = [new Pgd { Steps = 20, Restarts = 2 }, new Apgd { Steps = 20, Restarts = 1, Surrogates = true }];

    private readonly ModelArguments model = new("tiny");
    private readonly Option<string> report = new("--report") { Description = "Folder of the report.", HelpName = "DIR", DefaultValueFactory = _ => "cobra-demo" };

    public static Command Create(CommandHost host)
    {
        DemoCommand demo = new();
        Command command = new("demo", "Train on the images that come along, attack, and compare with training without defence (minutes).");
        command.Options.Add(demo.report);
        demo.model.AddTo(command);
        host.SetAction(command, demo.Run);
        return command;
    }

    private void Run(CommandContext context)
    {
        Device device = context.OpenDevice();
        CobraOptions options = model.Resolve(context, ImageSize);
        if (model.IsPrintConfig(context))
        {
            ModelArguments.Print(context, options);
            return;
        }

        OutputFile.RequireFolder(report.Name, context.Arguments.GetValue(report)!);
        long started = Stopwatch.GetTimestamp();
        using AnomalyBenchmark benchmark = DemoDataset.Open(ImageSize);
        context.Console.Say($"{benchmark.Name}: {benchmark.Train.Count} trousers to train on, {benchmark.Test.Count} garments to test, half of them no trousers.");
        RobustnessReport written = Measure(context, benchmark, options, device);

        string page = written.Write(context.Arguments.GetValue(report)!);
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        using Process process = Process.GetCurrentProcess();
        long peakMegabytes = process.PeakWorkingSet64 / 1_000_000;
        (ReportDetector cobra, ReportDetector paper, ReportDetector twin) = (written.Detectors[0], written.Detectors[1], written.Detectors[2]);

        context.Console.Print(TableOf(written));
        context.Console.Print(
            "The paper's score is decided by the one nearest entry of the bank, so a single odd training image is enough for an anomaly to hide behind; "
            + (cobra.Score?.Score is CobraScore.Similarity or CobraScore.Trimmed ? "COBRA's default asks the whole bank, unless the good images speak for the nearest entry, as here." : "COBRA's default asks the whole bank."));
        context.Console.Print(string.Create(CultureInfo.InvariantCulture, $"{written.Threat}, {seconds:0} s, {peakMegabytes} MB at most. Report: {page}"));
        context.Console.PrintJson(new
        {
            Cobra = new { CleanAuroc = cobra.Clean.Auroc.Value, RobustAuroc = cobra.Union.Auroc.Value },
            PaperScore = new { CleanAuroc = paper.Clean.Auroc.Value, RobustAuroc = paper.Union.Auroc.Value },
            Twin = new { CleanAuroc = twin.Clean.Auroc.Value, RobustAuroc = twin.Union.Auroc.Value },
            written.Threat.Epsilon,
            Seconds = Math.Round(seconds, 1),
            PeakMegabytes = peakMegabytes,
            Report = page,
        });
    }

    private static RobustnessReport Measure(CommandContext context, AnomalyBenchmark benchmark, CobraOptions options, Device device)
    {
        (ReportDetector[] cobra, RobustnessReport shared) = MeasureOne(context, "COBRA", benchmark, options, device, withPaperScore: true);
        (ReportDetector[] twin, _) = MeasureOne(context, "Twin", benchmark, options with { Attack = null }, device, withPaperScore: false);
        using PseudoAnomalyGallery gallery = PseudoAnomalyGallery.Candidates(benchmark.Train, options.PseudoAnomalies, options.Seed);
        return shared with
        {
            Detectors = [.. cobra, .. twin],
            Invariants = [.. cobra.Concat(twin).SelectMany(ReportInvariant.Check)],
            Command = $"cobra demo --seed {options.Seed}",
            Galleries = [gallery.ToReport()],
        };
    }

    private static (ReportDetector[] Measured, RobustnessReport Report) MeasureOne(
        CommandContext context, string name, AnomalyBenchmark benchmark, CobraOptions options, Device device, bool withPaperScore) => context.Console.Track(board =>
    {
        using CobraDetector detector = (CobraDetector)Detector.Train(benchmark, options, new TrainingSession
        {
            Device = device,
            Progress = new TrainingDisplay(board, options.Epochs, name),
            Cancellation = context.Cancellation,
        });
        string training = options.Attack is { } attack ? $"trained against {attack.Describe()}" : "the same training without attack";
        List<ReportDetector> measured = [];
        RobustnessReport report = Study(detector, name, $"{training}, scored by {detector.Card.Health.Score?.Name}");
        if (withPaperScore) Study(detector.With(CobraScore.Similarity), $"{name}, the paper's score", "the same network, scored by the largest similarity");
        return (measured.ToArray(), report);

        RobustnessReport Study(IAnomalyDetector attacked, string title, string description)
        {
            RobustnessStudy study = new(new ThreatModel(Norm.Linf, Epsilon), Attacks) { Evaluation = new RobustnessOptions { Seed = options.Seed, BatchSize = 100 } };
            using StudyResult result = study.Run(attacked, benchmark, new StudyDisplay(board, title), context.Cancellation);
            measured.Add(result.Describe() with { Name = title, Description = description });
            return result.Report("COBRA and its undefended twin on Fashion-MNIST trousers", [measured[^1]]);
        }
    });

    private static Table TableOf(RobustnessReport report)
    {
        Table table = new Table().Border(TableBorder.Simple).AddColumns("detector", "clean AUROC", "robust AUROC");
        table.Columns[1].RightAligned();
        table.Columns[2].RightAligned();
        foreach (ReportDetector detector in report.Detectors)
            table.AddRow(Markup.Escape($"{detector.Name} ({detector.Description})"), Cell(detector.Clean.Auroc), Cell(detector.Union.Auroc));
        return table;
    }

    private static string Cell(ReportMetric metric) =>
        Markup.Escape(string.Create(CultureInfo.InvariantCulture, $"{metric.Value:0.000} [{metric.Low:0.000}, {metric.High:0.000}]"));
}
