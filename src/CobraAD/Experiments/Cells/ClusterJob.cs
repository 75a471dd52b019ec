using System.Globalization;
using System.Text;

namespace CobraAD.Experiments.Cells;

/// <summary>The pieces of an item as an array job of a cluster: every task runs the same command with its own number.</summary>
/// <param name="Name">Name of the job; letters, digits and hyphens.</param>
/// <param name="Pieces">Number of tasks, at least 1.</param>
/// <param name="Parallel">Most tasks at once.</param>
/// <param name="Threads">Processor cores of a task.</param>
/// <param name="Command">The program and its arguments, without the task's number.</param>
/// <param name="PieceOption">The option that takes the task's number.</param>
public sealed record ClusterJob(string Name, int Pieces, int Parallel, int Threads, IReadOnlyList<string> Command, string PieceOption)
{
    /// <summary>A batch script for Slurm's <c>sbatch</c>.</summary>
    /// <param name="logs">Folder for what the tasks print; must exist when the job starts.</param>
    public string ToSlurm(string logs)
    {
        Check();
        string command = string.Join(' ', Command.Select(Quote));
        return $"""
            #!/bin/bash
            #SBATCH --job-name={Name}
            #SBATCH --array=0-{Pieces - 1}%{Parallel}
            #SBATCH --cpus-per-task={Threads}
            #SBATCH --output={logs}/%x-%a.txt
            # A task that fails or is killed loses the cell it was computing. Submit the script again: finished cells are kept.
            exec {command} {PieceOption} "$SLURM_ARRAY_TASK_ID"

            """;
    }

    /// <summary>An Indexed Job for Kubernetes, as YAML.</summary>
    /// <param name="image">The container image that has cobra.</param>
    /// <param name="dataClaim">The volume claim mounted, read-only, at <paramref name="dataPath"/>.</param>
    /// <param name="dataPath">Where the data sets are in the container.</param>
    /// <param name="storeClaim">The volume claim mounted at <paramref name="storePath"/>; many tasks write to it at once.</param>
    /// <param name="storePath">Where the store is in the container.</param>
    public string ToKubernetes(string image, string dataClaim, string dataPath, string storeClaim, string storePath)
    {
        Check();
        StringBuilder arguments = new();
        foreach (string argument in Command.Append(PieceOption).Append("$(JOB_COMPLETION_INDEX)")) arguments.Append(CultureInfo.InvariantCulture, $"            - {Scalar(argument)}\n");
        return $"""
            apiVersion: batch/v1
            kind: Job
            metadata:
              name: {Name}
            spec:
              completionMode: Indexed
              completions: {Pieces}
              parallelism: {Parallel}
              backoffLimitPerIndex: 3
              template:
                spec:
                  restartPolicy: Never
                  containers:
                    - name: cobra
                      image: {Scalar(image)}
                      command:
            {arguments.ToString().TrimEnd('\n')}
                      resources:
                        requests:
                          cpu: "{Threads}"
                      volumeMounts:
                        - name: data
                          mountPath: {Scalar(dataPath)}
                          readOnly: true
                        - name: store
                          mountPath: {Scalar(storePath)}
                  volumes:
                    - name: data
                      persistentVolumeClaim:
                        claimName: {Scalar(dataClaim)}
                        readOnly: true
                    - name: store
                      persistentVolumeClaim:
                        claimName: {Scalar(storeClaim)}

            """;
    }

    private void Check()
    {
        if (Pieces < 1) throw new ExperimentException($"{Name} has nothing to compute.");
        if (Name.Length == 0 || !Name.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter == '-'))
            throw new ExperimentException($"'{Name}' is not a job name: use lower-case letters, digits and hyphens.");
    }

    /// <summary>A word of a shell command; nothing in it is expanded.</summary>
    private static string Quote(string word) => $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    /// <summary>A double-quoted YAML scalar.</summary>
    private static string Scalar(string text) => $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
