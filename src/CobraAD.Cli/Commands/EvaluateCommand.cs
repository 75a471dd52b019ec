using System.CommandLine;
using CobraAD.Attacks;
using CobraAD.Cli.Console;
using CobraAD.Cli.Values;
using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Evaluation;
using CobraAD.Evaluation.Corruptions;
using CobraAD.Reporting;
using CobraAD.Serialization;

namespace CobraAD.Cli.Commands;

/// <summary><c>cobra evaluate MODEL DATA</c></summary>
internal sealed class EvaluateCommand
{
    private readonly SubjectOptions subject = new();
    private readonly DataOptions data = new();
    private readonly Option<double[]?> epsilon = TextOption.Of(
        "--epsilon", "Radius of the attack; by default the one that the model was trained against. Several give a security curve, and the largest is attacked.", "0,1,2,4/255", RadiusList.Parse);
    private readonly Option<Norm?> norm = TextOption.OfValue("--norm", "linf (default) or l2.", "NORM", ThreatModel.ParseNorm);
    private readonly Option<IReadOnlyList<Attack>?> attack = TextOption.Of(
        "--attack", "Attacks with their options, e.g. \"fgsm pgd:steps=1000,restarts=10\"; by default PGD.", "RECIPES", AttackRecipe.ParseMany);
    private readonly Option<int?> steps = new("--steps") { Description = "Steps of the default attack.", HelpName = "N", CustomParser = Numbers.OptionalWithin(1, 1_000_000) };
    private readonly Option<int?> restarts = new("--restarts") { Description = "Restarts of the default attack.", HelpName = "N", CustomParser = Numbers.OptionalWithin(1, 10_000) };
    private readonly Option<int?> samples = new("--samples") { Description = "Test images of each class at most; all by default.", HelpName = "N", CustomParser = Numbers.OptionalWithin(1, int.MaxValue) };
    private readonly Option<int> batchSize = new("--batch-size") { Description = "Images of one pass; changes time and memory only.", HelpName = "N", CustomParser = Numbers.Within(1, 65536), DefaultValueFactory = _ => 64 };
    private readonly Option<string?> state = new("--state") { Description = "File that keeps progress, so that an interrupted evaluation goes on.", HelpName = "FILE" };
    private readonly Option<string?> transfer = new("--transfer-from") { Description = "A .cobra model on which the gradient attacks are made and then offered to this detector.", HelpName = "MODEL" };
    private readonly Option<bool> corruptions = new("--corruptions") { Description = "Also score the images under fifteen faults of light, lens, sensor and transport." };
    private readonly Option<string?> report = new("--report") { Description = "Folder for the report as a page, JSON and Markdown.", HelpName = "DIR" };

    public static Command Create(CommandHost host)
    {
        EvaluateCommand evaluate = new();
        Command command = new("evaluate", "Attack a detector's test images and measure what is left.");
        evaluate.subject.AddTo(command);
        evaluate.data.AddTo(command, canResize: false);
        foreach (Option option in (Option[])[evaluate.epsilon, evaluate.norm, evaluate.attack, evaluate.steps, evaluate.restarts, evaluate.samples, evaluate.batchSize, evaluate.transfer, evaluate.corruptions, evaluate.state, evaluate.report])
            command.Options.Add(option);
        host.SetAction(command, evaluate.Run);
        return command;
    }

    private void Run(CommandContext context)
    {
        IReadOnlyList<Attack> named = Attacks(context);
        using DetectorSubject detector = subject.Open(context);
        using ITrainedDetector? source = context.Arguments.GetValue(transfer) is { } path ? DetectionMethods.Load(path, detector.Detector.Device) : null;
        IAttack[] attacks = Applicable(named, detector, source);
        // The parser gives an empty array where the option was left out.
        double[] radii = [.. (context.Arguments.GetValue(epsilon) is { Length: > 0 } given ? given : [detector.Epsilon]).Distinct().Order()];
        ThreatModel threat = new(context.Arguments.GetValue(norm) ?? Norm.Linf, radii[^1]);
        RobustnessOptions options = new()
        {
            BatchSize = context.Arguments.GetValue(batchSize),
            SamplesPerClass = context.Arguments.GetValue(samples),
            Seed = context.Seed ?? 0,
            StateFile = context.Arguments.GetValue(state),
        };
        RobustnessEvaluator evaluator = new(detector.Detector, threat, attacks, options);

        foreach (IAttack used in attacks) context.Console.Say($"attack: {used}");
        using AnomalyBenchmark benchmark = data.Open(context, detector.ImageSize, subject.DataPath(context));
        IReadOnlyList<RobustnessResult> results = context.Console.Track(board => Evaluate(evaluator, benchmark, radii, new AttackDisplay(board), context.Cancellation));
        SecurityCurve? curve = results.Count > 1 ? SecurityCurve.From(results, detector.Detector, context.Cancellation) : null;
        foreach (RobustnessResult smaller in results.SkipLast(1)) smaller.Dispose();
        using RobustnessResult result = results[^1];
        CorruptionResult? corrupted = context.Arguments.GetValue(corruptions) ? Corrupt(context, detector, benchmark, options) : null;
        Print(context.Console, benchmark, result, curve, corrupted);
        if (context.Arguments.GetValue(report) is { } folder) context.Console.Say($"Report: {WriteReport(context, detector, benchmark, result, curve, corrupted, folder)}");
    }

    private static IReadOnlyList<RobustnessResult> Evaluate(
        RobustnessEvaluator evaluator, AnomalyBenchmark benchmark, double[] radii, AttackDisplay display, CancellationToken cancellation) =>
        radii.Length > 1
            ? evaluator.EvaluateCurve(benchmark.Test, benchmark.TestIsAnomalous, radii, display, cancellation)
            : [evaluator.Evaluate(benchmark, display, cancellation)];

    private static CorruptionResult Corrupt(CommandContext context, DetectorSubject detector, AnomalyBenchmark benchmark, RobustnessOptions options)
    {
        CorruptionBenchmark corruption = new(detector.Detector, new CorruptionOptions { BatchSize = options.BatchSize, SamplesPerClass = options.SamplesPerClass, Seed = options.Seed });
        return context.Console.Track(board => corruption.Run(benchmark, new CorruptionDisplay(board), context.Cancellation));
    }

    /// <summary>What can be run: gradient attacks on a detector with gradients, or on the source of a transfer.</summary>
    private static IAttack[] Applicable(IReadOnlyList<Attack> named, DetectorSubject detector, ITrainedDetector? source)
    {
        IAttack[] direct = [.. named.Where(attack => detector.Detector.IsDifferentiable || !attack.NeedsGradient)];
        IAttack[] steered = [.. named.Where(attack => attack.NeedsGradient)];
        IAttack[] all = source is null || steered.Length == 0 ? direct : [.. direct, new Transfer(source, steered)];
        if (all.Length > 0 && (source is not null || detector.Detector.IsDifferentiable || steered.Length == 0)) return all;
        throw new UsageException(
            $"'{detector.File}' has no gradients, so {string.Join(", ", steered.Select(attack => attack.Name))} cannot attack it. Use --attack \"square simba\", or --transfer-from MODEL to make the attacks on another detector.");
    }

    private string WriteReport(
        CommandContext context, DetectorSubject detector, AnomalyBenchmark benchmark, RobustnessResult result, SecurityCurve? curve, CorruptionResult? corrupted, string folder)
    {
        ReportDetector measured = ReportDetector.From(result, benchmark) with
        {
            TrainingSeconds = detector.Trained?.Card.TrainingSeconds,
            ModelHash = ModelArchive.Fingerprint(detector.File),
            Description = subject.Describe(context),
            SecurityCurve = curve is null ? [] : SecurityPoint.From(curve),
            Corruptions = corrupted is null ? [] : ReportCorruption.From(corrupted),
        };
        RobustnessReport written = RobustnessReport.From($"Robustness of {Path.GetFileName(detector.File)}", benchmark, result, [measured], detector.Detector.Device);
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

    private static void Print(CommandConsole console, AnomalyBenchmark benchmark, RobustnessResult result, SecurityCurve? curve, CorruptionResult? corrupted)
    {
        int anomalies = result.IsAnomalous.Count(isAnomalous => isAnomalous);
        console.Print($"{result.Detector} on {benchmark.Name}, {result.Threat}: {result.IsAnomalous.Count - anomalies} normal and {anomalies} anomalous images, 95 % intervals");
        console.Print(MetricsTable.Of(result));
        if (curve is not null)
        {
            console.Print(CurveTable.Of(curve));
            foreach (string line in CurveTable.Flips(curve)) console.Print(line);
        }

        if (corrupted is not null) console.Print(CorruptionTable.Of(corrupted));
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
            Curve = curve?.Points.Select(point => new { point.Radius, Result = Figures(point.Worst) }),
            FalseAlarmFlips = curve?.Flips(anomalous: false),
            EscapeFlips = curve?.Flips(anomalous: true),
            Corruptions = corrupted,
        });
    }

    private static object Figures(ScoredImages images) => new { images.Metrics, images.Intervals, images.AtThreshold };
}
