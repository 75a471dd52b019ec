using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using CobraAD.Attacks;
using CobraAD.Attacks.Records;
using CobraAD.Cli.Arguments;
using CobraAD.Cli.Pieces;
using CobraAD.Cli.Terminal;
using CobraAD.Cli.Terminal.Displays;
using CobraAD.Cli.Terminal.Tables;
using CobraAD.Cli.Values;
using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Evaluation.Corruptions;
using CobraAD.Evaluation.Localization;
using CobraAD.Evaluation.Metrics;
using CobraAD.Evaluation.Robustness;
using CobraAD.Serialization.Archive;

namespace CobraAD.Cli.Commands;

/// <summary><c>cobra evaluate MODEL DATA</c></summary>
internal sealed class EvaluateCommand
{
    /// <summary>Options that name files, which workers are told by their full paths.</summary>
    private static readonly string[] Paths = ["--anomalies", "--cache"];

    private readonly SubjectArguments subject = new();
    private readonly DataArguments data = new();
    private readonly Option<double[]?> epsilon = TextOption.Of(
        "--epsilon", "Radius of the attack; by default the one that the model was trained against. Several give a security curve, and the largest is attacked.", "0,1,2,4/255", RadiusList.Parse);
    private readonly Option<Norm?> norm = TextOption.OfValue("--norm", "linf (default) or l2.", "NORM", ThreatModel.ParseNorm);
    private readonly Option<IReadOnlyList<Attack>?> attack = TextOption.Of(
        "--attack", "Attacks with their options, e.g. \"fgsm pgd:steps=1000,restarts=10\"; by default PGD and APGD with surrogates.", "RECIPES", AttackRecipe.ParseMany);
    private readonly Option<int?> steps = new("--steps") { Description = "Steps of the default attacks; 50 by default.", HelpName = "N", CustomParser = NumberOption.OptionalWithin(1, 1_000_000) };
    private readonly Option<int?> restarts = new("--restarts") { Description = "Restarts of the default attacks; 1 by default.", HelpName = "N", CustomParser = NumberOption.OptionalWithin(1, 10_000) };
    private readonly Option<int?> samples = new("--samples") { Description = "Test images of each class at most; all by default.", HelpName = "N", CustomParser = NumberOption.OptionalWithin(1, int.MaxValue) };
    private readonly Option<int> batchSize = new("--batch-size") { Description = "Images of one pass; changes time and memory only.", HelpName = "N", CustomParser = NumberOption.Within(1, 65536), DefaultValueFactory = _ => 64 };
    private readonly Option<bool> lastIterate = new("--last-iterate") { Description = "Count the last point of each attack instead of the worst, as the paper's released code does. Such numbers may be too good." };
    private readonly Option<bool> audit = new("--audit") { Description = "Also run the audit of 'cobra audit' at the largest radius, on its own sample of the images." };
    private readonly AuditArguments settings = new();
    private readonly Option<string?> state = new("--state") { Description = "File that keeps progress, so that an interrupted evaluation goes on.", HelpName = "FILE" };
    private readonly Option<string?> transfer = new("--transfer-from") { Description = "A .cobra model on which the gradient attacks are made and then offered to this detector.", HelpName = "MODEL" };
    private readonly Option<bool> corruptions = new("--corruptions") { Description = "Also score the images under fifteen faults of light, lens, sensor and transport." };
    private readonly Option<double> saveEvery = new("--save-every")
    {
        Description = "Seconds between two writings of the state file while an attack runs.",
        HelpName = "SECONDS",
        CustomParser = NumberOption.Within(0.0, 86400),
        DefaultValueFactory = _ => new RobustnessOptions().SaveEvery.TotalSeconds,
    };
    private readonly PieceJob job = new();
    private readonly Option<string?> report = new("--report") { Description = "Folder for the report as a page, JSON and Markdown.", HelpName = "DIR" };

    public static Command Create(CommandHost host)
    {
        EvaluateCommand evaluate = new();
        Command command = new("evaluate", "Attack a detector's test images and measure what is left.");
        evaluate.subject.AddTo(command);
        evaluate.data.AddTo(command, canResize: false);
        evaluate.data.MemoryLimit.Description = "Memory that the decoded images may take, and the attacked ones, 1GiB each by default; more of them are kept in files.";
        foreach (Option option in (Option[])[evaluate.epsilon, evaluate.norm, evaluate.attack, evaluate.steps, evaluate.restarts, evaluate.lastIterate, evaluate.samples, evaluate.batchSize, evaluate.transfer, evaluate.corruptions, evaluate.audit])
            command.Options.Add(option);
        evaluate.settings.AddTo(command);
        foreach (Option option in (Option[])[evaluate.state, evaluate.saveEvery, evaluate.report]) command.Options.Add(option);
        evaluate.job.AddTo(command);
        host.SetAction(command, evaluate.Run);
        return command;
    }

    private void Run(CommandContext context)
    {
        DefaultAttack? usual = context.Arguments.GetValue(attack) is null ? new DefaultAttack(context.Arguments.GetValue(steps), context.Arguments.GetValue(restarts)) : null;
        IReadOnlyList<Attack> named = usual?.Attacks ?? NamedAttacks(context);
        bool isAudited = context.Arguments.GetValue(audit);
        Norm chosenNorm = context.Arguments.GetValue(norm) ?? Norm.Linf;
        double[]? given = GivenRadii(context, chosenNorm);
        if (isAudited) AuditArguments.RequireRadius(given?[^1]);
        else if (settings.IsGiven(context)) throw new UsageException("--budget and --twin belong to the audit. Add --audit, or leave them out.");
        if (context.Arguments.GetValue(report) is { } into) OutputFile.RequireFolder(report.Name, into);
        if (context.Arguments.GetValue(state) is { Length: > 0 } kept) OutputFile.RequireOfKind(state.Name, kept, FileKind.State);
        string? store = job.Store(context);
        if (store is not null && context.Arguments.GetValue(state) is not null) throw new UsageException($"{state.Name}: with pieces every piece keeps its own state; leave it out.");
        context.RequirePartner(store is not null || context.Arguments.GetValue(state) is not null, $"{state.Name} FILE or --store DIR", saveEvery);
        using DetectorSubject detector = subject.Open(context);
        if (store is not null && detector.Detector is not ITrainedDetector) throw new UsageException("--store: pieces are of .cobra models only. Leave it out; --state lets a long evaluation go on.");
        using ITrainedDetector? source = context.Arguments.GetValue(transfer) is { } path ? Detector.Load(InputFile.Existing(transfer.Name, path), detector.Detector.Device) : null;
        double[] radii = given ?? [RobustnessStudy.TrainedRadius(detector.Detector)];
        if (isAudited) AuditArguments.RequireRadius(radii[^1]);
        using ITrainedDetector? undefended = isAudited ? settings.OpenTwin(context, detector) : null;
        RobustnessStudy study = new(new ThreatModel(chosenNorm, radii[^1]), named)
        {
            Radii = radii,
            TransferSource = source,
            Evaluation = EvaluationOptions(context),
            Corruptions = context.Arguments.GetValue(corruptions) ? CorruptionsOf(EvaluationOptions(context)) : null,
            Audit = isAudited ? settings.Read(context, undefended, samples: null, context.Arguments.GetValue(batchSize)) : null,
        };
        RequireGradients(study, detector);
        study.Validate(detector.Detector);

        if (store is not null && BulkEvaluation.Refusal(study) is { } reason) throw new UsageException($"--store: this evaluation cannot be divided into pieces, because {reason}. Leave --store out.");
        foreach (IAttack used in study.AttacksOn(detector.Detector)) context.Console.Say($"attack: {used}");
        if (study.HasState(detector.Detector)) context.Console.Say($"Going on from {study.Evaluation.StateFile}.");
        // Every worker reads the images; only the first of them decodes any.
        using AnomalyBenchmark benchmark = data.OpenToMeasure(context, detector, subject.DataPath(context), store is null ? null : Path.Combine(store, "pixels"));
        if (usual is not null && detector.Detector.IsDifferentiable) context.Console.Say(usual.Forecast(detector.Detector, benchmark, context.Arguments.GetValue(samples), radii.Length));
        if (Result(context, study, detector, benchmark, store) is not { } result) return;
        using StudyResult owned = result;
        Print(context.Console, result);
        if (context.Arguments.GetValue(report) is { } folder) detector.Report(context, result, folder);
        if (store is null) study.DeleteState(detector.Detector);
    }

    /// <summary>What the study found; <see langword="null"/> where others are to compute it, or this process computed a piece.</summary>
    private StudyResult? Result(CommandContext context, RobustnessStudy study, DetectorSubject detector, AnomalyBenchmark benchmark, string? store)
    {
        if (store is null) return context.Console.Track(board => study.Run(detector.Detector, benchmark, new StudyDisplay(board), context.Cancellation));
        BulkEvaluation planned = BulkEvaluation.Plan(study, detector.Detector, benchmark, ModelArchive.Fingerprint(detector.File), store, context.Cancellation);
        PieceWork work = new(
            "evaluate", "attacking", store, planned.Images, planned.Pieces, planned.Missing, number => planned.Compute(number, null, context.Cancellation), planned.Merge)
        {
            Model = detector.File,
            Data = [data.Require(context, subject.DataPath(context))],
            Options = [.. OptionsOfWorkers(context)],
            Outside = [.. OptionsOfWorkers(context).Where(Paths.Contains)],
        };
        return job.Run(context, work) ? planned.Join(context.Cancellation) : null;
    }

    /// <summary>What was said of the work, for whoever computes a piece of it.</summary>
    private IEnumerable<string> OptionsOfWorkers(CommandContext context)
    {
        foreach (OptionResult given in context.Arguments.CommandResult.Children.OfType<OptionResult>())
        {
            if (given.Implicit || given.Option == report || job.Has(given.Option) || given.Option.Recursive) continue;
            yield return given.Option.Name;
            foreach (Token token in given.Tokens) yield return Paths.Contains(given.Option.Name) ? Path.GetFullPath(token.Value) : token.Value;
        }

        if (context.Seed is not { } seed) yield break;
        yield return "--seed";
        yield return seed.ToString(CultureInfo.InvariantCulture);
    }

    private RobustnessOptions EvaluationOptions(CommandContext context) => new()
    {
        BatchSize = context.Arguments.GetValue(batchSize),
        SamplesPerClass = context.Arguments.GetValue(samples),
        Seed = context.Seed ?? 0,
        Rule = context.Arguments.GetValue(lastIterate) ? CandidateRule.LastIterate : CandidateRule.WorstCase,
        StateFile = context.Arguments.GetValue(state),
        SaveEvery = TimeSpan.FromSeconds(context.Arguments.GetValue(saveEvery)),
        MemoryLimit = context.Arguments.GetValue(data.MemoryLimit),
        // Until the report is written.
        KeepState = true,
    };

    private static CorruptionOptions CorruptionsOf(RobustnessOptions evaluation) =>
        new() { BatchSize = evaluation.BatchSize, SamplesPerClass = evaluation.SamplesPerClass, Seed = evaluation.Seed };

    /// <summary>The radii of the command line, ascending; <see langword="null"/> where there are none.</summary>
    private double[]? GivenRadii(CommandContext context, Norm chosenNorm)
    {
        // The parser gives an empty array where the option was left out.
        if (context.Arguments.GetValue(epsilon) is not { Length: > 0 } given) return null;
        foreach (double radius in given)
        {
            try
            {
                new ThreatModel(chosenNorm, radius).Validate();
            }
            catch (ArgumentOutOfRangeException exception)
            {
                throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"{epsilon.Name}: {radius} is not a radius. {exception.Message}"));
            }
        }

        return [.. given.Distinct().Order()];
    }

    private static void RequireGradients(RobustnessStudy study, DetectorSubject detector)
    {
        if (study.Refused(detector.Detector) is not { Count: > 0 } refused) return;
        throw new UsageException(
            $"'{detector.File}' has no gradients, so {string.Join(", ", refused.Select(attack => attack.Name))} cannot attack it. Use --attack \"square simba\", or --transfer-from MODEL to make the attacks on another detector.");
    }

    private IReadOnlyList<Attack> NamedAttacks(CommandContext context)
    {
        if (context.Arguments.GetValue(steps) is null && context.Arguments.GetValue(restarts) is null) return context.Arguments.GetValue(attack)!;
        throw new UsageException("--steps and --restarts belong to the default attacks. With --attack write them into the recipe: pgd:steps=1000,restarts=10.");
    }

    private static void Print(CommandConsole console, StudyResult study)
    {
        (RobustnessResult result, SecurityCurve? curve) = (study.Robustness, study.Curve);
        foreach (string warning in study.Warnings) console.PrintWarning(warning);
        if (!result.IsConfirmed)
            console.PrintWarning("A fresh pass gives the attacked images other scores than the attacks saw: the score is random or depends on the other images of a batch. Do not use these numbers; 'cobra audit' says more.");
        int anomalies = result.IsAnomalous.Count(isAnomalous => isAnomalous);
        console.Print($"{result.Detector} on {study.Data.Name}, {result.Threat}: {result.IsAnomalous.Count - anomalies} normal and {anomalies} anomalous images, 95 % intervals");
        console.Print(MetricsTable.Of(result));
        if (curve is not null)
        {
            console.Print(CurveTable.Of(curve));
            foreach (string line in CurveTable.Flips(curve)) console.Print(line);
        }

        if (study.Corruptions is { } corrupted) console.Print(CorruptionTable.Of(corrupted));
        if (study.Localization is { } located)
        {
            console.Print(string.Create(CultureInfo.InvariantCulture, $"map: {MapFigures(located)} ({located.Images} images, {located.Regions} regions)"));
            if (located.UnderAttack is { } worst) console.Print($"map under attack: {MapFigures(worst)}");
            if (located.WithoutMask > 0) console.Warn($"{located.WithoutMask} anomalous images have no mask, or one that vanishes at this size; the map is not measured on them.");
        }

        if (study.Audit is { } audited)
        {
            console.Print(AuditTable.Of(audited));
            console.Print(AuditTable.Verdict(audited));
        }

        console.PrintJson(new
        {
            result.Detector,
            study.Warnings,
            Data = study.Data.Name,
            Threat = result.Threat.ToString(),
            Normals = result.IsAnomalous.Count - anomalies,
            Anomalies = anomalies,
            Clean = Figures(result.Clean),
            Attacks = result.Attacks.Select(attack => new { attack.Recipe, Result = Figures(attack.Worst), attack.ForwardPasses, attack.BackwardPasses, attack.UnusableGradients, Seconds = attack.Duration.TotalSeconds }),
            Union = Figures(result.Union),
            Curve = curve?.Points.Select(point => new { point.Radius, Result = Figures(point.Worst) }),
            FalseAlarmFlips = curve?.Flips(anomalous: false),
            EscapeFlips = curve?.Flips(anomalous: true),
            study.Corruptions,
            study.Localization,
            Audit = study.Audit is null ? null : AuditTable.Figures(study.Audit),
        });
    }

    private static string MapFigures(LocalizationResult located) =>
        string.Create(CultureInfo.InvariantCulture, $"pixel AUROC {located.PixelAuroc:0.000}, AUPRO {located.Aupro:0.000}, largest pixel F1 {located.PixelF1:0.000}");

    private static object Figures(ScoredImages images) => new { images.Metrics, images.Intervals, images.AtThreshold };
}
