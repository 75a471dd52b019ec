using CobraAD.Cli.Terminal;
using CobraAD.Mpi;

namespace CobraAD.Cli;

/// <summary>This process as one of several that mpirun or srun started: it joins the others, and what fails here ends all of them.</summary>
internal sealed class RankedProcess : IDisposable
{
    /// <summary>What fails on every rank, a missing folder for example, rank 0 says first; the others are ended before they repeat it.</summary>
    private static readonly TimeSpan Precedence = TimeSpan.FromSeconds(2);

    private readonly RankLaunch launch;
    private OpenMpi? ranks;

    public RankedProcess(RankLaunch launch) => this.launch = launch;

    /// <summary>The ranks; joined when they are first asked for.</summary>
    public IRanks Ranks => ranks ??= OpenMpi.Open(launch);

    public bool Speaks => launch.Rank == 0;

    /// <summary>Threads of this process when the command line names none.</summary>
    public int Threads => launch.Threads(CoresOfMachine(), Environment.ProcessorCount);

    /// <summary>Refuses a command that would do the same several times over, and write the same files.</summary>
    /// <exception cref="UsageException">mpirun started it.</exception>
    public static void Refuse(RankLaunch launch, string command)
    {
        // srun also starts programs that have nothing to do with each other, such as one scoring for each folder.
        if (launch.Launcher == RankLauncher.Slurm) return;
        throw new UsageException($"mpirun started {launch.Size} processes, but only 'cobra train' shares its work between them; '{command}' would run {launch.Size} times. Start it without mpirun.");
    }

    /// <summary>Says what went wrong here and ends all ranks. Returns only where MPI was not reached.</summary>
    public void End(FailureReport report, TextWriter error)
    {
        if (!Speaks) Thread.Sleep(Precedence);
        foreach (string line in report.Lines) error.WriteLine(Speaks ? Visible.Of(line) : $"rank {launch.Rank} of {launch.Size} on {Environment.MachineName}: {Visible.Of(line)}");
        error.Flush();
        ranks?.Abort(report.ExitCode);
    }

    public void Dispose() => ranks?.Dispose();

    private static int CoresOfMachine()
    {
        // ProcessorCount is what a launcher bound this process to.
        const string kernel = "/proc/stat";
        return File.Exists(kernel) ? File.ReadLines(kernel).Count(line => line.StartsWith("cpu", StringComparison.Ordinal) && line.Length > 3 && char.IsAsciiDigit(line[3])) : Environment.ProcessorCount;
    }
}
