using System.Diagnostics;

namespace CobraAD.Experiments.Cells;

/// <summary>
/// A pool of worker processes on this machine, one piece of work each at a time. A worker that dies loses the cell it was computing; the
/// others go on, and the next run computes what is missing.
/// </summary>
/// <param name="start">How the worker of a piece is started.</param>
/// <param name="jobs">Most workers at once, at least 1.</param>
internal sealed class LocalEngine(Func<int, ProcessStartInfo> start, int jobs)
{
    private readonly int jobs = jobs >= 1 ? jobs : throw new ArgumentOutOfRangeException(nameof(jobs), jobs, "The number of jobs must be at least 1.");

    /// <summary>Runs the pieces.</summary>
    /// <param name="pieces">The pieces' numbers.</param>
    /// <param name="finished">Told about each piece that ended: its number, and what its worker said when it failed.</param>
    /// <param name="cancellation">Ends the workers.</param>
    /// <returns>The pieces whose worker failed, ascending.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async Task<IReadOnlyList<int>> Run(IEnumerable<int> pieces, Action<int, string?> finished, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(finished);
        List<int> failed = [];
        Lock gate = new();
        await Parallel.ForEachAsync(pieces, new ParallelOptions { MaxDegreeOfParallelism = jobs, CancellationToken = cancellation }, async (piece, token) =>
        {
            string? failure = await RunWorker(piece, token).ConfigureAwait(false);
            lock (gate)
            {
                if (failure is not null) failed.Add(piece);
                finished(piece, failure);
            }
        }).ConfigureAwait(false);
        failed.Sort();
        return failed;
    }

    private async Task<string?> RunWorker(int piece, CancellationToken cancellation)
    {
        ProcessStartInfo information = start(piece);
        information.RedirectStandardError = true;
        information.RedirectStandardOutput = true;
        using Process worker = Process.Start(information) ?? throw new ExperimentException($"The worker '{information.FileName}' could not be started.");
        try
        {
            Task<string> error = worker.StandardError.ReadToEndAsync(cancellation), output = worker.StandardOutput.ReadToEndAsync(cancellation);
            await worker.WaitForExitAsync(cancellation).ConfigureAwait(false);
            await output.ConfigureAwait(false);
            string said = await error.ConfigureAwait(false);
            return worker.ExitCode == 0 ? null : $"exit code {worker.ExitCode}: {said.Trim()}";
        }
        finally
        {
            if (!worker.HasExited) worker.Kill(entireProcessTree: true);
        }
    }
}
