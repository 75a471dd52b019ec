using System.CommandLine;
using CobraAD.Attacks;
using CobraAD.Cli.Console;
using CobraAD.Cli.Values;
using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Evaluation;
using CobraAD.Reporting;
using CobraAD.Training;

namespace CobraAD.Cli.Commands;

/// <summary><c>cobra evaluate MODEL DATA</c></summary>
internal sealed class EvaluateCommand
{
    private const double DefaultEpsilon = 4 / 255.0;

    private readonly Argument<string> model = new("MODEL") { Description = "A .cobra file." };
    private readonly DataOptions data = new();
    private readonly Option<double?> epsilon = TextOption.OfValue("--epsilon", "Radius of the attack; by default the one that the model was trained against.", "4/255", ThreatModel.ParseEpsilon);
    private readonly Option<Norm?> norm = TextOption.OfValue("--norm", "linf (default) or l2.", "NORM", ThreatModel.ParseNorm);
    private readonly Option<IReadOnlyList<Attack>?> attack = TextOption.Of(
        "--attack", "Attacks with their options, e.g. \"fgsm pgd:steps=1000,restarts=10\"; by default PGD.", "RECIPES", AttackRecipe.ParseMany);
    private readonly Option<int?> steps = new("--steps") { Description = "Steps of the default attack.", HelpName = "N", CustomParser = Numbers.OptionalWithin(1, 1_000_000) };
    private readonly Option<int?> restarts = new("--restarts") { Description = "Restarts of the default attack.", HelpName = "N", CustomParser = Numbers.OptionalWithin(1, 10_000) };
    private readonly Option<int?> samples = new("--samples") { Description = "Test images of each class at most; all by default.", HelpName = "N", CustomParser = Numbers.OptionalWithin(1, int.MaxValue) };
    private readonly Option<int> batchSize = new("--batch-size") { Description = "Images of one pass; changes time and memory only.", HelpName = "N", CustomParser = Numbers.Within(1, 65536), DefaultValueFactory = _ => 64 };
    private readonly Option<string?> state = new("--state") { Description = "File that keeps progress, so that an interrupted evaluation goes on.", HelpName = "FILE" };
    private readonly Option<string?> report = new("--report") { Description = "Folder for the report as a page, JSON and Markdown.", HelpName = "DIR" };

    public static Command Create(CommandHost host)
    {
        EvaluateCommand evaluate = new();
        Command command = new("evaluate", "Attack a detector's test images and measure what is left.");
        command.Arguments.Add(evaluate.model);
        evaluate.data.AddTo(command, canResize: false);
        foreach (Option option in (Option[])[evaluate.epsilon, evaluate.norm, evaluate.attack, evaluate.steps, evaluate.restarts, evaluate.samples, evaluate.batchSize, evaluate.state, evaluate.report])
            command.Options.Add(option);
        host.SetAction(command, evaluate.Run);
        return command;
    }

    private void Run(CommandContext context)
    {
        IReadOnlyList<Attack> attacks = Attacks(context);
        using ITrainedDetector detector = DetectionMethods.Load(context.Arguments.GetValue(model)!, context.OpenDevice());
        ThreatModel threat = new(context.Arguments.GetValue(norm) ?? Norm.Linf, context.Arguments.GetValue(epsilon) ?? (detector.Card.Options as CobraOptions)?.Attack?.Epsilon ?? DefaultEpsilon);
        RobustnessEvaluator evaluator = new(detector, threat, attacks, new RobustnessOptions
        {
            BatchSize = context.Arguments.GetValue(batchSize),
            SamplesPerClass = context.Arguments.GetValue(samples),
            Seed = context.Seed ?? 0,
            StateFile = context.Arguments.GetValue(state),
        });

        foreach (Attack used in attacks) context.Console.Say($"attack: {used}");
        using AnomalyBenchmark benchmark = data.Open(context, detector.Card.Data.Height);
        using RobustnessResult result = context.Console.Track(board => evaluator.Evaluate(benchmark, new AttackDisplay(board), context.Cancellation));
        Print(context.Console, benchmark, result);
        if (context.Arguments.GetValue(report) is { } folder) context.Console.Say($"Report: {WriteReport(context, detector, benchmark, result, folder)}");
    }

    private string WriteReport(CommandContext context, ITrainedDetector detector, AnomalyBenchmark benchmark, RobustnessResult result, string folder)
    {
        ReportDetector measured = ReportDetector.From(result, benchmark) with { TrainingSeconds = detector.Card.TrainingSeconds };
        string path = context.Arguments.GetValue(model)!;
        RobustnessReport written = RobustnessReport.From($"Robustness of {Path.GetFileName(path)}", benchmark, result, [measured], detector.Device);
        return ReportWriter.Write(written with { Command = $"cobra {string.Join(' ', context.Arguments.Tokens.Select(token => token.Value))}" }, folder);
    }

    private IReadOnlyList<Attack> Attacks(CommandContext context)
    {
        int? stepCount = context.Arguments.GetValue(steps);
        int? restartCount = context.Arguments.GetValue(restarts);
        if (context.Arguments.GetValue(attack) is not { } named) return [new Pgd { Steps = stepCount ?? new Pgd().Steps, Restarts = restartCount ?? new Pgd().Restarts }];
        if (stepCount is null && restartCount is null) return named;
        throw new UsageException("--steps and --restarts belong to the default attack. With --attack write them into the recipe: pgd:steps=1000,restarts=10.");
    }

    private static void Print(CommandConsole console, AnomalyBenchmark benchmark, RobustnessResult result)
    {
        int anomalies = result.IsAnomalous.Count(isAnomalous => isAnomalous);
        console.Print($"{result.Detector} on {benchmark.Name}, {result.Threat}: {result.IsAnomalous.Count - anomalies} normal and {anomalies} anomalous images, 95 % intervals");
        console.Print(MetricsTable.Of(result));
        console.PrintJson(new
        {
            result.Detector,
            Data = benchmark.Name,
            Threat = result.Threat.ToString(),
            Normals = result.IsAnomalous.Count - anomalies,
            Anomalies = anomalies,
            Clean = Figures(result.Clean),
            Attacks = result.Attacks.Select(attack => new { attack.Recipe, Result = Figures(attack.Worst), attack.ForwardPasses, attack.BackwardPasses, Seconds = attack.Duration.TotalSeconds }),
            Union = Figures(result.Union),
        });
    }

    private static object Figures(ScoredImages images) => new { images.Metrics, images.Intervals, images.AtThreshold };
}
