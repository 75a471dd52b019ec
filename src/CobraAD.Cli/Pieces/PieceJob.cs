using System.CommandLine;
using System.Diagnostics;
using CobraAD.Cli.Values;
using CobraAD.Experiments;
using CobraAD.Experiments.Cells;

namespace CobraAD.Cli.Pieces;

/// <summary>Work in pieces: by this process, by workers, or by the tasks of a cluster, all of which keep what they computed in one folder.</summary>
internal sealed class PieceJob
{
    private const string PieceOption = "--piece";

    private readonly Option<string?> store = new("--store") { Description = "Folder that keeps the results of pieces, so that interrupted work goes on; needed by --engine.", HelpName = "DIR" };
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

    /// <summary>The folder that pieces are kept in; <see langword="null"/> when everything is wanted at once.</summary>
    public string? Store(CommandContext context)
    {
        context.RequirePartner(context.Arguments.GetValue(engine) == "kubernetes", $"{engine.Name} kubernetes", image);
        if (context.Arguments.GetValue(store) is { } folder)
        {
            OutputFile.RequireFolder(store.Name, folder);
            return folder;
        }

        foreach (Option option in (Option[])[engine, jobs, merge, piece])
        {
            if (context.IsGiven(option)) throw new UsageException($"{option.Name} needs {store.Name}, the folder that pieces are kept in.");
        }

        return null;
    }

    /// <summary>Whether an option belongs to the job and not to the work.</summary>
    public bool Has(Option option) => option == store || option == engine || option == jobs || option == merge || option == piece || option == image;

    /// <summary>Computes what is missing.</summary>
    /// <returns>Whether all of it is there now, to be joined.</returns>
    public bool Run(CommandContext context, PieceWork work)
    {
        if (context.Arguments.GetValue(piece) is { } number)
        {
            if (number >= work.Pieces) throw new UsageException($"There are the pieces 0 to {work.Pieces - 1}, not {number}.");
            work.Compute(number);
            return false;
        }

        foreach (string other in context.Arguments.GetValue(merge) ?? []) context.Console.Say($"{other}: {work.Merge(other)} pieces taken over");
        if (context.Arguments.GetValue(engine) is { } cluster and not "local")
        {
            WriteJob(context, work, cluster == "slurm");
            return false;
        }

        IReadOnlyList<int> missing = work.Missing();
        context.Console.Say($"{work.Images} images: {work.Pieces - missing.Count} of {work.Pieces} pieces are done");
        int workers = context.Arguments.GetValue(jobs);
        if (workers == 1) ComputeHere(context, work, missing);
        else ComputeInWorkers(context, missing, workers, [.. Arguments(context, work, Path.GetFullPath(work.Model), [.. work.Data.Select(Path.GetFullPath)], Path.GetFullPath(work.Folder))]);
        return true;
    }

    private static void ComputeHere(CommandContext context, PieceWork work, IReadOnlyList<int> missing)
    {
        if (missing.Count == 0) return;
        context.Console.Track(board =>
        {
            Terminal.Boards.IProgressPart part = board.Add(work.Doing, missing.Count);
            for (int done = 0; done < missing.Count; done++)
            {
                work.Compute(missing[done]);
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

    private void WriteJob(CommandContext context, PieceWork work, bool isSlurm)
    {
        int threads = Math.Max(1, context.Arguments.GetValue<int>("--threads"));
        if (!isSlurm && (work.Data.Count != 1 || !Directory.Exists(work.Data[0]))) throw new UsageException($"A pod sees one folder of images, the volume mounted at {ClusterScript.DataMount}. Name one folder, which that volume holds.");
        if (!isSlurm && work.Outside.Count > 0) throw new UsageException($"{work.Outside[0]}: a pod sees the volumes of images and results only. Leave it out.");
        string[] command;
        if (isSlurm)
        {
            command = [Program(), .. Arguments(context, work, Path.GetFullPath(work.Model), [.. work.Data.Select(Path.GetFullPath)], Path.GetFullPath(work.Folder))];
        }
        else
        {
            // A pod sees the volumes of images and results only.
            const string copy = "model.cobra";
            File.Copy(work.Model, Path.Combine(work.Folder, copy), overwrite: true);
            command = ["cobra", .. Arguments(context, work, $"{ClusterScript.StoreMount}/{copy}", [ClusterScript.DataMount], ClusterScript.StoreMount)];
        }

        ClusterJob job = new($"cobra-{work.Command}", work.Pieces, context.Arguments.GetValue(jobs), threads, command, PieceOption);
        ClusterScript.Write(
            context, job, work.Folder, work.Command, isSlurm ? null : context.Arguments.GetValue(image)!,
            "When it is done, the same command with --engine local joins the results, and computes what is missing.");
    }

    private static IEnumerable<string> Arguments(CommandContext context, PieceWork work, string model, string[] paths, string store) =>
        [work.Command, model, .. paths, "--store", store, "--quiet", .. work.Options, .. context.GlobalOptions()];

    /// <summary>The program itself: workers are started as it was.</summary>
    private static string Program() => Path.Combine(AppContext.BaseDirectory, "cobra");
}
