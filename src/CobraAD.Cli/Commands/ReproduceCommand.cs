using System.CommandLine;
using System.Diagnostics;
using CobraAD.Attacks;
using CobraAD.Cli.Arguments;
using CobraAD.Cli.Configuration;
using CobraAD.Cli.Pieces;
using CobraAD.Cli.Values;
using CobraAD.Experiments;
using CobraAD.Experiments.Cells;
using CobraAD.Networks.Backbones;

namespace CobraAD.Cli.Commands;

/// <summary><c>cobra reproduce ITEM --data DIR</c>: a table or figure of the paper with our numbers beside the published ones.</summary>
internal sealed class ReproduceCommand
{
    private const string PieceOption = "--piece";

    private readonly Argument<string> item = new("ITEM") { Description = "table1 to table21, figure1 to figure5." };
    private readonly Option<string> data = new("--data") { Description = "Folder of data sets, each in a folder of its own; 'cobra datasets' says which.", HelpName = "DIR", Required = true };
    private readonly Option<string> store = new("--store") { Description = "Folder that keeps results and models; a rerun computes only what is missing.", HelpName = "DIR", DefaultValueFactory = _ => "cobra-results" };
    private readonly Option<Budget> budget = new("--budget") { Description = "smoke (shows that it runs), quick, standard or paper.", HelpName = "BUDGET", DefaultValueFactory = _ => Budget.Quick };
    private readonly Option<string[]> datasets = Names("--datasets", "Only these data sets.");
    private readonly Option<string[]> classes = Names("--classes", "Only these classes or categories.");
    private readonly Option<string[]> methods = Names("--methods", "Only the columns of these methods, as 'cobra methods' names them; otherwise of all that are built and have what they need.");
    private readonly Option<string?> backbone = new("--backbone") { Description = "Feature network of the methods that need one: imagenet (the default, ML.NET's ResNet-18), a file of 'cobra pretrain', or a JSON file that sets backbone, as for 'cobra train --config'.", HelpName = "imagenet|FILE" };
    private readonly Option<int?> seeds = new("--seeds") { Description = "Trainings of each number, with the seeds from 0; 5 for table20, otherwise 1.", HelpName = "N", CustomParser = NumberOption.OptionalWithin(1, 100) };
    private readonly Option<int?> itemsPerEpoch = new("--items-per-epoch") { Description = "Images of an epoch of COBRA's trainings; smaller sets are repeated. The released code has 10000 for MVTec AD.", HelpName = "N", CustomParser = NumberOption.OptionalWithin(1, int.MaxValue) };
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
        foreach (Option option in (Option[])[reproduce.data, reproduce.store, reproduce.budget, reproduce.datasets, reproduce.classes, reproduce.methods, reproduce.backbone, reproduce.seeds, reproduce.itemsPerEpoch, reproduce.engine, reproduce.jobs, reproduce.merge, reproduce.reportOnly, reproduce.piece, reproduce.image])
            command.Options.Add(option);
        host.SetAction(command, reproduce.Run);
        return command;
    }

    private void Run(CommandContext context)
    {
        InputFile.ExistingFolder(data.Name, context.Arguments.GetValue(data)!);
        OutputFile.RequireFolder(store.Name, context.Arguments.GetValue(store)!);
        context.RequirePartner(context.Arguments.GetValue(engine) == "kubernetes", $"{engine.Name} kubernetes", image);
        ReproductionOptions options = new()
        {
            Data = context.Arguments.GetValue(data)!,
            Budget = context.Arguments.GetValue(budget),
            Datasets = context.Arguments.GetValue(datasets) ?? [],
            Classes = context.Arguments.GetValue(classes) ?? [],
            Methods = context.Arguments.GetValue(methods) ?? [],
            Backbone = context.Arguments.GetValue(backbone) is { } chosen ? ReadBackbone(chosen) : BackboneOptions.Packaged,
            Seeds = context.Arguments.GetValue(seeds),
            ItemsPerEpoch = context.Arguments.GetValue(itemsPerEpoch),
        };
        Reproduction planned = Plan(context, options);
        if (context.Arguments.GetValue(piece) is { } number)
        {
            if (number >= planned.Pieces) throw new UsageException($"{planned.Name} has the pieces 0 to {planned.Pieces - 1}, not {number}.");
            Compute(context, planned, number);
            return;
        }

        planned.WritePlan();
        foreach (string other in context.Arguments.GetValue(merge) ?? []) context.Console.Say($"{other}: {planned.Merge(other)} results taken over");
        if (context.Arguments.GetValue(engine) is { } cluster and not "local")
        {
            WriteJob(context, planned, cluster);
            return;
        }

        bool isReportOnly = context.Arguments.GetValue(reportOnly);
        if (!isReportOnly) Compute(context, planned);
        Report(context, planned, draw: !isReportOnly);
    }

    private BackboneOptions ReadBackbone(string chosen)
    {
        if (chosen == ModelArguments.PackagedBackbone) return BackboneOptions.Packaged;
        string file = InputFile.Existing(backbone.Name, chosen);
        return file.EndsWith(".json", StringComparison.OrdinalIgnoreCase) ? ConfigurationFile.Apply(new BackboneFile(), file).Backbone : BackboneOptions.InHouse(file);
    }

    private Reproduction Plan(CommandContext context, ReproductionOptions options)
    {
        try
        {
            return Reproduction.Plan(context.Arguments.GetValue(item)!, options, context.Arguments.GetValue(store)!);
        }
        catch (ArgumentException exception)
        {
            throw new UsageException(exception.Message);
        }
    }

    private void Compute(CommandContext context, Reproduction planned)
    {
        IReadOnlyList<int> missing = planned.Missing;
        context.Console.Say($"{planned.Name}: {planned.Cells} cells, {planned.Pieces - missing.Count} of {planned.Pieces} pieces are done");
        if (missing.Count == 0) return;
        if (context.Arguments.GetValue(jobs) == 1)
        {
            foreach (int number in missing) Compute(context, planned, number);
            return;
        }

        IReadOnlyList<int> failed = planned.ComputeInWorkers(Worker, context.Arguments.GetValue(jobs), Tell, context.Cancellation).GetAwaiter().GetResult();
        if (failed.Count > 0) throw new ExperimentException($"{failed.Count} of {missing.Count} pieces failed ({string.Join(", ", failed)}). Run the command again to compute what is missing.");

        ProcessStartInfo Worker(int number) => new(Program(), [.. WorkerArguments(context, planned), PieceOption, $"{number}"]);
        void Tell(int number, string? failure) => context.Console.Say(failure is null ? $"piece {number} done" : $"piece {number} failed, {failure}");
    }

    private static void Compute(CommandContext context, Reproduction planned, int number) =>
        planned.Compute(number, context.OpenDevice(), context.Console.Say, context.Cancellation);

    private void WriteJob(CommandContext context, Reproduction planned, string cluster)
    {
        int threads = Math.Max(1, context.Arguments.GetValue<int>("--threads"));
        bool isSlurm = cluster == "slurm";
        if (!isSlurm && context.Arguments.GetValue(backbone) is not (null or ModelArguments.PackagedBackbone))
            throw new UsageException("--backbone: a pod sees only the volumes of data and results, not this file. Use --engine local or slurm, or leave the methods that need a backbone out.");
        string[] command = isSlurm
            ? [Program(), .. WorkerArguments(context, planned)]
            : ["cobra", .. WorkerArguments(context, planned, ClusterScript.DataMount, ClusterScript.StoreMount)];
        ClusterJob job = new($"cobra-{planned.Name}", planned.Pieces, context.Arguments.GetValue(jobs), threads, command, PieceOption);
        ClusterScript.Write(
            context, job, planned.Folder, planned.Name, isSlurm ? null : context.Arguments.GetValue(image)!, "When it is done, the same command with --engine local --report-only reports.");
    }

    private static void Report(CommandContext context, Reproduction planned, bool draw)
    {
        string folder = Path.Combine(planned.Folder, "reports");
        if (draw) context.LoadTorch();
        string? figure = draw ? planned.Draw(folder, context.OpenDevice(), context.Cancellation) : null;
        ReproductionReport report = planned.Report();
        string path = report.Write(folder);
        context.Console.Print(report.ToMarkdown().TrimEnd());
        context.Console.Say($"Written: {path}, with .csv and .json beside it{(figure is null ? "" : $"; {figure}")}");
        context.Console.PrintJson(report);
    }

    private string[] WorkerArguments(CommandContext context, Reproduction planned, string? dataFolder = null, string? storeFolder = null)
    {
        List<string> arguments =
        [
            "reproduce", planned.Name,
            "--data", dataFolder ?? Path.GetFullPath(context.Arguments.GetValue(data)!),
            "--store", storeFolder ?? Path.GetFullPath(context.Arguments.GetValue(store)!),
            "--budget", context.Arguments.GetValue(budget).ToString(),
            .. context.GlobalOptions(),
        ];
        foreach (string name in context.Arguments.GetValue(datasets) ?? []) arguments.AddRange(["--datasets", name]);
        foreach (string name in context.Arguments.GetValue(classes) ?? []) arguments.AddRange(["--classes", name]);
        foreach (string name in context.Arguments.GetValue(methods) ?? []) arguments.AddRange(["--methods", name]);
        if (context.Arguments.GetValue(backbone) is { } chosen) arguments.AddRange(["--backbone", chosen == ModelArguments.PackagedBackbone ? chosen : Path.GetFullPath(chosen)]);
        if (context.Arguments.GetValue(seeds) is { } count) arguments.AddRange(["--seeds", $"{count}"]);
        if (context.Arguments.GetValue(itemsPerEpoch) is { } items) arguments.AddRange(["--items-per-epoch", $"{items}"]);
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
