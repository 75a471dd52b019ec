using System.CommandLine;
using System.Diagnostics;
using CobraAD.Cli.Configuration;
using CobraAD.Cli.Values;
using CobraAD.Experiments;
using CobraAD.Experiments.Cells;
using CobraAD.Experiments.Figures;
using CobraAD.Experiments.Paper;
using CobraAD.Networks.Backbones;

namespace CobraAD.Cli.Commands;

/// <summary><c>cobra reproduce ITEM --data DIR</c>: a table or figure of the paper with our numbers beside the published ones.</summary>
internal sealed class ReproduceCommand
{
    private const string PieceOption = "--piece";

    private readonly Argument<string> item = new("ITEM") { Description = "table1 to table21, figure1 to figure5." };
    private readonly Option<string> data = new("--data") { Description = "Folder of data sets, each in a folder of its own; 'cobra datasets' says which.", HelpName = "DIR", Required = true };
    private readonly Option<string> store = new("--store") { Description = "Folder that keeps results and models; a rerun computes only what is missing.", HelpName = "DIR", DefaultValueFactory = _ => "cobra-results" };
    private readonly Option<ExperimentBudget> budget = new("--budget") { Description = "smoke (shows that it runs), quick, standard or paper.", HelpName = "BUDGET", DefaultValueFactory = _ => ExperimentBudget.Quick };
    private readonly Option<string[]> datasets = Names("--datasets", "Only these data sets.");
    private readonly Option<string[]> classes = Names("--classes", "Only these classes or categories.");
    private readonly Option<string[]> methods = Names("--methods", "Only the columns of these methods, as 'cobra methods' names them; otherwise of all that are built and have what they need.");
    private readonly Option<string?> backbone = new("--backbone") { Description = "Feature network of the methods that need one: a file of 'cobra pretrain', or a JSON file that sets backbone, as for 'cobra train --config'.", HelpName = "FILE" };
    private readonly Option<int?> seeds = new("--seeds") { Description = "Trainings of each number, with the seeds from 0; 5 for table20, otherwise 1.", HelpName = "N", CustomParser = NumberOption.OptionalWithin(1, 100) };
    private readonly Option<string> engine = new("--engine") { Description = "local, or slurm or kubernetes, which write the job's script and stop.", HelpName = "ENGINE", DefaultValueFactory = _ => "local" };
    private readonly Option<int> jobs = new("--jobs") { Description = "Worker processes at once.", HelpName = "N", CustomParser = NumberOption.Within(1, 10_000), DefaultValueFactory = _ => 1 };
    private readonly Option<string[]> merge = Names("--merge", "Take over the results of these stores first.");
    private readonly Option<bool> reportOnly = new("--report-only") { Description = "Compute nothing; report what the store has." };
    private readonly Option<int?> piece = new(PieceOption) { Description = "Compute only this piece of the work; what engines call.", HelpName = "N", CustomParser = NumberOption.OptionalWithin(0, int.MaxValue) };
    private readonly Option<string> image = new("--image") { Description = "Container image for --engine kubernetes.", HelpName = "IMAGE", DefaultValueFactory = _ => "cobra:latest" };

    public static Command Create(CommandHost host)
    {
        ReproduceCommand reproduce = new();
        Command command = new("reproduce", "Reproduce a table or figure of the paper, with the published numbers beside ours.");
        command.Arguments.Add(reproduce.item);
        reproduce.engine.AcceptOnlyFromAmong("local", "slurm", "kubernetes");
        foreach (Option option in (Option[])[reproduce.data, reproduce.store, reproduce.budget, reproduce.datasets, reproduce.classes, reproduce.methods, reproduce.backbone, reproduce.seeds, reproduce.engine, reproduce.jobs, reproduce.merge, reproduce.reportOnly, reproduce.piece, reproduce.image])
            command.Options.Add(option);
        host.SetAction(command, reproduce.Run);
        return command;
    }

    private void Run(CommandContext context)
    {
        ReproductionOptions options = new()
        {
            Data = context.Arguments.GetValue(data)!,
            Budget = context.Arguments.GetValue(budget),
            Datasets = context.Arguments.GetValue(datasets) ?? [],
            Classes = context.Arguments.GetValue(classes) ?? [],
            Methods = context.Arguments.GetValue(methods) ?? [],
            Backbone = context.Arguments.GetValue(backbone) is { } file ? ReadBackbone(InputFile.Existing(backbone.Name, file)) : null,
            Seeds = context.Arguments.GetValue(seeds),
        };
        PaperItem planned = Plan(context, options);
        CellStore kept = new(context.Arguments.GetValue(store)!);
        if (context.Arguments.GetValue(piece) is { } number)
        {
            RunPiece(context, planned, options, kept, number);
            return;
        }

        kept.Plan(planned.Name, planned.Cells);
        foreach (string other in context.Arguments.GetValue(merge) ?? []) context.Console.Say($"{other}: {kept.Merge(other, planned.Cells)} results taken over");
        if (context.Arguments.GetValue(engine) is { } cluster and not "local")
        {
            WriteJob(context, planned, kept, cluster);
            return;
        }

        bool isReportOnly = context.Arguments.GetValue(reportOnly);
        if (!isReportOnly) Compute(context, planned, options, kept);
        Report(context, planned, options, kept, draw: !isReportOnly);
    }

    private static BackboneOptions ReadBackbone(string file) =>
        file.EndsWith(".json", StringComparison.OrdinalIgnoreCase) ? ConfigurationFile.Apply(new BackboneFile(), file).Backbone : BackboneOptions.InHouse(file);

    private PaperItem Plan(CommandContext context, ReproductionOptions options)
    {
        try
        {
            return PaperPlan.Make(context.Arguments.GetValue(item)!, options);
        }
        catch (ArgumentException exception)
        {
            throw new UsageException(exception.Message.Split(" (Parameter", 2)[0]);
        }
    }

    private void Compute(CommandContext context, PaperItem planned, ReproductionOptions options, CellStore kept)
    {
        int[] missing = [.. planned.Pieces.Index().Where(work => !work.Item.All(kept.Has)).Select(work => work.Index)];
        context.Console.Say($"{planned.Name}: {planned.Cells.Count} cells, {planned.Pieces.Count - missing.Length} of {planned.Pieces.Count} pieces are done");
        if (missing.Length == 0) return;
        if (context.Arguments.GetValue(jobs) == 1)
        {
            foreach (int number in missing) RunPiece(context, planned, options, kept, number);
            return;
        }

        LocalEngine pool = new(Worker, context.Arguments.GetValue(jobs));
        IReadOnlyList<int> failed = pool.Run(
            missing, (number, failure) => context.Console.Say(failure is null ? $"piece {number} done" : $"piece {number} failed, {failure}"), context.Cancellation).GetAwaiter().GetResult();
        if (failed.Count > 0) throw new ExperimentException($"{failed.Count} of {missing.Length} pieces failed ({string.Join(", ", failed)}). Run the command again to compute what is missing.");

        ProcessStartInfo Worker(int number) => new(Program(), [.. WorkerArguments(context, planned), PieceOption, $"{number}"]);
    }

    private static void RunPiece(CommandContext context, PaperItem planned, ReproductionOptions options, CellStore kept, int number)
    {
        if (number >= planned.Pieces.Count) throw new UsageException($"{planned.Name} has the pieces 0 to {planned.Pieces.Count - 1}, not {number}.");
        CellRunner runner = new(options.Data, kept, context.OpenDevice(), options.Backbone?.File);
        foreach (PlannedCell cell in planned.Pieces[number])
        {
            if (!kept.Has(cell)) context.Console.Say(cell.Id);
            runner.Run(cell, context.Cancellation);
        }
    }

    private void WriteJob(CommandContext context, PaperItem planned, CellStore kept, string cluster)
    {
        int threads = Math.Max(1, context.Arguments.GetValue<int>("--threads"));
        bool isSlurm = cluster == "slurm";
        if (!isSlurm && context.Arguments.GetValue(backbone) is not null)
            throw new UsageException("--backbone: a pod sees only the volumes of data and results, not this file. Use --engine local or slurm, or leave the methods that need a backbone out.");
        const string dataMount = "/data", storeMount = "/store";
        string[] command = isSlurm
            ? [Program(), .. WorkerArguments(context, planned)]
            : ["cobra", .. WorkerArguments(context, planned, dataMount, storeMount)];
        ClusterJob job = new($"cobra-{planned.Name}", planned.Pieces.Count, context.Arguments.GetValue(jobs), threads, command, PieceOption);
        string logs = Path.GetFullPath(Path.Combine(kept.Folder, "logs"));
        Directory.CreateDirectory(logs);
        string path = Path.Combine(kept.Folder, $"{planned.Name}.{(isSlurm ? "sbatch" : "yaml")}");
        File.WriteAllText(path, isSlurm ? job.ToSlurm(logs) : job.ToKubernetes(context.Arguments.GetValue(image)!, "cobra-data", dataMount, "cobra-store", storeMount));
        context.Console.Print($"{path}: {planned.Pieces.Count} tasks. Start it with: {(isSlurm ? "sbatch" : "kubectl apply -f")} {path}");
        context.Console.Say("When it is done, the same command with --engine local --report-only reports.");
        context.Console.PrintJson(new { Script = path, Pieces = planned.Pieces.Count });
    }

    private static void Report(CommandContext context, PaperItem planned, ReproductionOptions options, CellStore kept, bool draw)
    {
        string folder = Path.Combine(kept.Folder, "reports");
        if (draw) context.LoadTorch();
        string? figure = draw ? PaperFigures.Draw(planned, options, kept, folder, context.OpenDevice(), context.Cancellation) : null;
        ReproductionReport report = ReproductionReport.From(planned, kept);
        string path = report.Write(folder);
        context.Console.Print(report.ToMarkdown().TrimEnd());
        context.Console.Say($"Written: {path}, with .csv and .json beside it{(figure is null ? "" : $"; {figure}")}");
        context.Console.PrintJson(report);
    }

    private string[] WorkerArguments(CommandContext context, PaperItem planned, string? dataFolder = null, string? storeFolder = null)
    {
        List<string> arguments =
        [
            "reproduce", planned.Name,
            "--data", dataFolder ?? Path.GetFullPath(context.Arguments.GetValue(data)!),
            "--store", storeFolder ?? Path.GetFullPath(context.Arguments.GetValue(store)!),
            "--budget", context.Arguments.GetValue(budget).ToString(),
            "--threads", $"{context.Arguments.GetValue<int>("--threads")}",
            "--device", context.Arguments.GetValue<string>("--device")!,
        ];
        foreach (string name in context.Arguments.GetValue(datasets) ?? []) arguments.AddRange(["--datasets", name]);
        foreach (string name in context.Arguments.GetValue(classes) ?? []) arguments.AddRange(["--classes", name]);
        foreach (string name in context.Arguments.GetValue(methods) ?? []) arguments.AddRange(["--methods", name]);
        if (context.Arguments.GetValue(backbone) is { } file) arguments.AddRange(["--backbone", Path.GetFullPath(file)]);
        if (context.Arguments.GetValue<bool?>("--tf32") is { } isTensorFloat32) arguments.AddRange(["--tf32", isTensorFloat32 ? "true" : "false"]);
        if (context.Arguments.GetValue(seeds) is { } count) arguments.AddRange(["--seeds", $"{count}"]);
        return [.. arguments];
    }

    /// <summary>The program itself: workers are started as it was.</summary>
    private static string Program() => Path.Combine(AppContext.BaseDirectory, "cobra");

    private static Option<string[]> Names(string name, string description) => new(name) { Description = description, HelpName = "NAME…", AllowMultipleArgumentsPerToken = true };

    /// <summary>What a JSON file of <c>--backbone</c> may set.</summary>
    private sealed record BackboneFile
    {
        public BackboneOptions Backbone { get; init; } = new();
    }
}
