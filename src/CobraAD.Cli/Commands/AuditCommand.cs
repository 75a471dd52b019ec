using System.CommandLine;
using CobraAD.Attacks;
using CobraAD.Cli.Arguments;
using CobraAD.Cli.Terminal;
using CobraAD.Cli.Terminal.Displays;
using CobraAD.Cli.Terminal.Tables;
using CobraAD.Cli.Values;
using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Evaluation.Audit;

namespace CobraAD.Cli.Commands;

/// <summary><c>cobra audit MODEL DATA</c></summary>
internal sealed class AuditCommand
{
    private readonly SubjectArguments subject = new();
    private readonly DataArguments data = new();
    private readonly Option<ThreatModel?> threat = TextOption.Of(
        "--epsilon", "Radius of the threat model, e.g. 4/255 or l2:0.5; by default the one that the model was trained against.", "4/255", ThreatModel.Parse);
    private readonly AuditArguments settings = new();
    private readonly Option<int?> samples = new("--samples") { Description = "Test images of each class; by default the budget's 16, 50, 200 or 500.", HelpName = "N", CustomParser = NumberOption.OptionalWithin(4, int.MaxValue) };
    private readonly Option<int> batchSize = new("--batch-size") { Description = "Images of one pass; changes time and memory only.", HelpName = "N", CustomParser = NumberOption.Within(1, 65536), DefaultValueFactory = _ => 64 };
    private readonly Option<string?> report = new("--report") { Description = "Folder for the report as a page, JSON and Markdown.", HelpName = "DIR" };

    public static Command Create(CommandHost host)
    {
        AuditCommand audit = new();
        Command command = new("audit", "Look for reasons to distrust a detector's robust numbers: sixteen checks.");
        audit.subject.AddTo(command);
        audit.data.AddTo(command, canResize: false);
        command.Options.Add(audit.threat);
        audit.settings.AddTo(command);
        foreach (Option option in (Option[])[audit.samples, audit.batchSize, audit.report]) command.Options.Add(option);
        host.SetAction(command, audit.Run);
        return command;
    }

    private void Run(CommandContext context)
    {
        AuditArguments.RequireRadius(context.Arguments.GetValue(threat)?.Epsilon);
        if (context.Arguments.GetValue(report) is { } into) OutputFile.RequireFolder(report.Name, into);
        using DetectorSubject detector = subject.Open(context);
        ThreatModel questioned = context.Arguments.GetValue(threat) ?? new ThreatModel(Norm.Linf, RobustnessStudy.TrainedRadius(detector.Detector));
        AuditArguments.RequireRadius(questioned.Epsilon);
        using ITrainedDetector? undefended = settings.OpenTwin(context, detector);
        RobustnessStudy study = new(questioned, [])
        {
            Audit = settings.Read(context, undefended, context.Arguments.GetValue(samples), context.Arguments.GetValue(batchSize)),
        };
        study.Validate(detector.Detector);
        using AnomalyBenchmark benchmark = data.OpenToMeasure(context, detector, subject.DataPath(context));
        using StudyResult result = context.Console.Track(board => study.Run(detector.Detector, benchmark, new StudyDisplay(board), context.Cancellation));
        Print(context.Console, benchmark, result.Audit!, result.Warnings);
        if (context.Arguments.GetValue(report) is { } folder) detector.Report(context, result, folder);
    }

    private static void Print(CommandConsole console, AnomalyBenchmark benchmark, AuditResult result, IReadOnlyList<string> warnings)
    {
        foreach (string warning in warnings) console.PrintWarning(warning);
        console.Print($"{result.Detector} on {benchmark.Name}, {result.Threat}: {result.Normals} normal and {result.Anomalies} anomalous images, AUROC {result.CleanAuroc:P1} clean, {result.WorstAuroc:P1} attacked");
        console.Print(AuditTable.Of(result));
        console.Print(AuditTable.Verdict(result));
        console.PrintJson(new
        {
            result.Detector,
            Warnings = warnings,
            Data = benchmark.Name,
            Threat = result.Threat.ToString(),
            result.Normals,
            result.Anomalies,
            result.CleanAuroc,
            result.WorstAuroc,
            result.Checks,
            Seconds = result.Duration.TotalSeconds,
        });
    }
}
