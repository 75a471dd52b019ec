using System.CommandLine;
using CobraAD.Attacks;
using CobraAD.Cli.Console;
using CobraAD.Cli.Values;
using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Evaluation.Audit;
using Spectre.Console;

namespace CobraAD.Cli.Commands;

/// <summary><c>cobra audit MODEL DATA</c></summary>
internal sealed class AuditCommand
{
    private readonly SubjectOptions subject = new();
    private readonly DataOptions data = new();
    private readonly Option<ThreatModel?> threat = TextOption.Of(
        "--epsilon", "Radius of the threat model, e.g. 4/255 or l2:0.5; by default the one that the model was trained against.", "4/255", ThreatModel.Parse);
    private readonly Option<AttackBudget?> budget = TextOption.OfValue("--budget", "smoke, quick (default), standard or paper: steps, restarts, queries and images.", "BUDGET", ParseBudget);
    private readonly Option<string?> twin = new("--twin") { Description = "An undefended .cobra model of the same images, for the transfer check.", HelpName = "MODEL" };
    private readonly Option<int?> samples = new("--samples") { Description = "Test images of each class; by default the budget's 16, 50, 200 or 500.", HelpName = "N", CustomParser = Numbers.OptionalWithin(4, int.MaxValue) };
    private readonly Option<int> batchSize = new("--batch-size") { Description = "Images of one pass; changes time and memory only.", HelpName = "N", CustomParser = Numbers.Within(1, 65536), DefaultValueFactory = _ => 64 };

    public static Command Create(CommandHost host)
    {
        AuditCommand audit = new();
        Command command = new("audit", "Look for reasons to distrust a detector's robust numbers: sixteen checks.");
        audit.subject.AddTo(command);
        audit.data.AddTo(command, canResize: false);
        foreach (Option option in (Option[])[audit.threat, audit.budget, audit.twin, audit.samples, audit.batchSize]) command.Options.Add(option);
        host.SetAction(command, audit.Run);
        return command;
    }

    private void Run(CommandContext context)
    {
        using DetectorSubject detector = subject.Open(context);
        using ITrainedDetector? undefended = context.Arguments.GetValue(twin) is { } path ? DetectionMethods.Load(path, detector.Detector.Device) : null;
        RobustnessAudit audit = new(detector.Detector, context.Arguments.GetValue(threat) ?? new ThreatModel(Norm.Linf, detector.Epsilon), new AuditOptions
        {
            Budget = context.Arguments.GetValue(budget) ?? AttackBudget.Quick,
            SamplesPerClass = context.Arguments.GetValue(samples),
            BatchSize = context.Arguments.GetValue(batchSize),
            Seed = context.Seed ?? 0,
            Twin = undefended,
        });
        using AnomalyBenchmark benchmark = data.Open(context, detector.ImageSize, subject.DataPath(context));
        AuditResult result = context.Console.Track(board => audit.Run(benchmark, new AuditDisplay(board), context.Cancellation));
        Print(context.Console, benchmark, result);
    }

    private static void Print(CommandConsole console, AnomalyBenchmark benchmark, AuditResult result)
    {
        console.Print($"{result.Detector} on {benchmark.Name}, {result.Threat}: {result.Normals} normal and {result.Anomalies} anomalous images, AUROC {result.CleanAuroc:P1} clean, {result.WorstAuroc:P1} attacked");
        Table table = new Table().Border(TableBorder.Simple).ShowRowSeparators().AddColumns("", "check", "", "measured", "meaning");
        foreach (AuditOutcome check in result.Checks)
        {
            string color = check.Status switch { AuditStatus.Pass => "green", AuditStatus.Flag => "red", _ => "grey" };
            table.AddRow(
                $"{check.Number}", $"{Markup.Escape(check.Name)}\n[grey]{Markup.Escape(check.Criterion)}[/]", $"[{color}]{check.Status.ToString().ToUpperInvariant()}[/]",
                Markup.Escape(check.Measured), Markup.Escape(check.Meaning));
        }

        console.Print(table);
        int flagged = result.Flagged.Count(), skipped = result.Checks.Count(check => check.Status == AuditStatus.Skipped);
        console.Print(flagged == 0
            ? $"No check is flagged ({skipped} skipped): nothing found that speaks against the attacked numbers."
            : $"Flagged: {string.Join(", ", result.Flagged.Select(check => check.Number))} ({skipped} skipped). Read them before quoting attacked numbers.");
        console.PrintJson(new
        {
            result.Detector,
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

    private static AttackBudget ParseBudget(string text) =>
        Enum.TryParse(text, ignoreCase: true, out AttackBudget budget) && Enum.IsDefined(budget) && !char.IsAsciiDigit(text[0])
            ? budget
            : throw new FormatException($"'{text}' is not a budget. Valid budgets: smoke, quick, standard, paper.");
}
