using CobraAD.Experiments.Cells;

namespace CobraAD.Cli.Pieces;

/// <summary>The file that gives the pieces of a command to a cluster, beside the results.</summary>
internal static class ClusterScript
{
    /// <summary>Where a pod sees the images.</summary>
    public const string DataMount = "/data";

    /// <summary>Where a pod sees the results.</summary>
    public const string StoreMount = "/store";

    /// <summary>Writes it and says how to start it.</summary>
    /// <param name="context">What is said goes to its console.</param>
    /// <param name="job">The job.</param>
    /// <param name="folder">The folder of the results.</param>
    /// <param name="name">The file's name without its ending.</param>
    /// <param name="image">The container image of a pod; <see langword="null"/> for Slurm.</param>
    /// <param name="then">What to do when the job is done.</param>
    public static void Write(CommandContext context, ClusterJob job, string folder, string name, string? image, string then)
    {
        string logs = Path.GetFullPath(Path.Combine(folder, "logs"));
        Directory.CreateDirectory(logs);
        string path = Path.Combine(folder, $"{name}.{(image is null ? "sbatch" : "yaml")}");
        File.WriteAllText(path, image is null ? job.ToSlurm(logs) : job.ToKubernetes(image, "cobra-data", DataMount, "cobra-store", StoreMount));
        context.Console.Print($"{path}: {job.Pieces} tasks. Start it with: {(image is null ? "sbatch" : "kubectl apply -f")} {path}");
        context.Console.Say(then);
        context.Console.PrintJson(new { Script = path, job.Pieces });
    }
}
