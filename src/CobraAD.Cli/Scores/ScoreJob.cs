using System.CommandLine;
using System.Diagnostics;
using CobraAD.Cli.Values;
using CobraAD.Detection;
using CobraAD.Experiments;
using CobraAD.Experiments.Cells;

namespace CobraAD.Cli.Scores;

/// <summary>Scoring in pieces: by this process, by workers, or by the tasks of a cluster, all of which keep what they computed in one folder.</summary>
internal sealed class ScoreJob
{
    private const string PieceOption = "--piece", DataMount = "/data", StoreMount = "/store";

    private readonly Option<string?> store = new("--store") { Description = "Folder that keeps the results of pieces, so that an interrupted scoring goes on; needed by --engine.", HelpName = "DIR" };
    private readonly Option<string> engine = new("--engine") { Description = "local, or slurm or kubernetes, which write the job's script and stop.", HelpName = "ENGINE", DefaultValueFactory = _ => "local" };
    private readonly Option<int> jobs = new("--jobs") { Description = "Worker processes or tasks at once.", HelpName = "N", CustomParser = NumberOption.Within(1, 10_000), DefaultValueFactory = _ => 1 };
    private readonly Option<string[]> merge = new("--merge") { Description = "Take over the results of these stores first.", HelpName = "DIR…", AllowMultipleArgumentsPerToken = true };
    private readonly Option<int?> piece = new(PieceOption) { Description = "Compute only this piece; what engines call.", HelpName = "N", CustomParser = NumberOption.OptionalWithin(0, int.MaxValue) };
    private readonly Option<string> image = new("--image") { Description = "Container image for --engine kubernetes.", HelpName = "IMAGE", DefaultValueFactory = _ => "cobra:latest" };

    public void AddTo(Command command)
    {
        engine.AcceptOnlyFromAmong("local", "slurm", "kubernetes");
        foreach (Option option in (Option[])[store, engine, jobs, merge, piece, image]) command.Options.Add(option);
    }

    /// <summary>What the command line wants in pieces; <see langword="null"/> when it wants everything at once.</summary>
    public BulkScoring? Plan(CommandContext context, string model, string[] paths)
    {
        if (context.Arguments.GetValue(store) is { } folder)
        {
            OutputFile.RequireFolder(store.Name, folder);
            return BulkScoring.Plan(model, paths, folder);
        }

        foreach (Option option in (Option[])[engine, jobs, merge, piece])
        {
            if (context.Arguments.GetResult(option) is { Implicit: false }) throw new UsageException($"{option.Name} needs {store.Name}, the folder that pieces are kept in.");
        }

        return null;
    }

    /// <summary>Computes what is missing.</summary>
    /// <param name="context">The command.</param>
    /// <param name="planned">The plan.</param>
    /// <param name="detector">Its model; opened when it is needed.</param>
    /// <param name="model">Its file.</param>
    /// <param name="paths">The images.</param>
    /// <returns>Whether all of it is there now, to be joined.</returns>
    public bool Run(CommandContext context, BulkScoring planned, Lazy<ITrainedDetector> detector, string model, string[] paths)
    {
        if (context.Arguments.GetValue(piece) is { } number)
        {
            if (number >= planned.Pieces) throw new UsageException($"There are the pieces 0 to {planned.Pieces - 1}, not {number}.");
            planned.Compute(number, detector.Value, context.Cancellation);
            return false;
        }

        foreach (string other in context.Arguments.GetValue(merge) ?? []) context.Console.Say($"{other}: {planned.Merge(other)} pieces taken over");
        if (context.Arguments.GetValue(engine) is { } cluster and not "local")
        {
            WriteJob(context, planned, cluster == "slurm", model, paths);
            return false;
        }

        IReadOnlyList<int> missing = planned.Missing(context.Cancellation);
        context.Console.Say($"{planned.Images} images: {planned.Pieces - missing.Count} of {planned.Pieces} pieces are done");
        int workers = context.Arguments.GetValue(jobs);
        if (workers == 1) ComputeHere(context, planned, missing, detector);
        else ComputeInWorkers(context, missing, workers, [.. Arguments(context, Path.GetFullPath(model), [.. paths.Select(Path.GetFullPath)], Path.GetFullPath(planned.Folder))]);
        return true;
    }

    private static void ComputeHere(CommandContext context, BulkScoring planned, IReadOnlyList<int> missing, Lazy<ITrainedDetector> detector)
    {
        if (missing.Count == 0) return;
        context.Console.Track(board =>
        {
            Terminal.Boards.IProgressPart part = board.Add("scoring", missing.Count);
            for (int done = 0; done < missing.Count; done++)
            {
                planned.Compute(missing[done], detector.Value, context.Cancellation);
                part.Report(done + 1);
            }

            return missing.Count;
        });
    }

    private static void ComputeInWorkers(CommandContext context, IReadOnlyList<int> missing, int workers, string[] arguments)
    {
        IReadOnlyList<int> failed = BulkScoring.ComputeInWorkers(
            missing, number => new ProcessStartInfo(Program(), [.. arguments, PieceOption, $"{number}"]), workers, Tell, context.Cancellation).GetAwaiter().GetResult();
        if (failed.Count > 0) throw new ExperimentException($"{failed.Count} of {missing.Count} pieces failed ({string.Join(", ", failed)}). Run the command again to compute what is missing.");

        void Tell(int number, string? failure) => context.Console.Say(failure is null ? $"piece {number} done" : $"piece {number} failed, {failure}");
    }

    private void WriteJob(CommandContext context, BulkScoring planned, bool isSlurm, string model, string[] paths)
    {
        int threads = Math.Max(1, context.Arguments.GetValue<int>("--threads"));
        if (!isSlurm && (paths.Length != 1 || !Directory.Exists(paths[0]))) throw new UsageException($"IMAGES: a pod sees one folder, the volume mounted at {DataMount}. Name one folder, which that volume holds.");
        string[] command;
        if (isSlurm)
        {
            command = [Program(), .. Arguments(context, Path.GetFullPath(model), [.. paths.Select(Path.GetFullPath)], Path.GetFullPath(planned.Folder))];
        }
        else
        {
            // A pod sees the volumes of images and results only.
            const string copy = "model.cobra";
            File.Copy(model, Path.Combine(planned.Folder, copy), overwrite: true);
            command = ["cobra", .. Arguments(context, $"{StoreMount}/{copy}", [DataMount], StoreMount)];
        }

        ClusterJob job = new("cobra-score", planned.Pieces, context.Arguments.GetValue(jobs), threads, command, PieceOption);
        string logs = Path.GetFullPath(Path.Combine(planned.Folder, "logs"));
        Directory.CreateDirectory(logs);
        string path = Path.Combine(planned.Folder, $"score.{(isSlurm ? "sbatch" : "yaml")}");
        File.WriteAllText(path, isSlurm ? job.ToSlurm(logs) : job.ToKubernetes(context.Arguments.GetValue(image)!, "cobra-data", DataMount, "cobra-store", StoreMount));
        context.Console.Print($"{path}: {planned.Pieces} tasks. Start it with: {(isSlurm ? "sbatch" : "kubectl apply -f")} {path}");
        context.Console.Say("When it is done, the same command with --engine local joins the results, and computes what is missing.");
        context.Console.PrintJson(new { Script = path, planned.Pieces });
    }

    private static IEnumerable<string> Arguments(CommandContext context, string model, string[] paths, string store)
    {
        yield return "score";
        yield return model;
        foreach (string path in paths) yield return path;
        foreach (string option in (string[])["--store", store, "--threads", $"{context.Arguments.GetValue<int>("--threads")}", "--device", context.Arguments.GetValue<string>("--device")!, "--quiet"]) yield return option;
        if (context.Arguments.GetValue<bool?>("--tf32") is not { } isTensorFloat32) yield break;
        yield return "--tf32";
        yield return isTensorFloat32 ? "true" : "false";
    }

    /// <summary>The program itself: workers are started as it was.</summary>
    private static string Program() => Path.Combine(AppContext.BaseDirectory, "cobra");
}
