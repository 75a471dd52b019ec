using System.Globalization;

namespace CobraAD.Mpi;

/// <summary>Whether this process was started as one of several, and by what: known from the environment, before any MPI library is loaded.</summary>
/// <param name="Rank">This process, from 0.</param>
/// <param name="Size">All processes.</param>
/// <param name="OnThisMachine">Those of them on this machine, as far as the launcher says; at least 1.</param>
/// <param name="Launcher">What started them.</param>
public sealed record RankLaunch(int Rank, int Size, int OnThisMachine, RankLauncher Launcher)
{
    /// <summary>How this process was started; <see langword="null"/> when it is alone.</summary>
    /// <param name="variable">Reads a variable of the environment; the process's own when <see langword="null"/>.</param>
    public static RankLaunch? Detect(Func<string, string?>? variable = null)
    {
        variable ??= Environment.GetEnvironmentVariable;
        RankLaunch? found = Read(RankLauncher.OpenMpi, "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_LOCAL_SIZE")
            // A batch script has SLURM_NTASKS too; only a step of srun has these.
            ?? Read(RankLauncher.Slurm, "SLURM_PROCID", "SLURM_STEP_NUM_TASKS", "SLURM_STEP_TASKS_PER_NODE")
            ?? Read(RankLauncher.Mpich, "PMI_RANK", "PMI_SIZE", "MPI_LOCALNRANKS");
        return found is { Size: > 1 } ? found : null;

        RankLaunch? Read(RankLauncher launcher, string rank, string size, string local) => Number(rank) is { } own and >= 0 && Number(size) is { } all && own < all
            ? new RankLaunch(own, all, Math.Clamp(Number(local) ?? 1, 1, all), launcher)
            : null;

        // srun writes "2(x3)" where three machines have two tasks each.
        int? Number(string name) =>
            int.TryParse(variable(name)?.Split('(', ',')[0], NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : null;
    }

    /// <summary>Threads of one of these processes, so that those of one machine share its cores.</summary>
    /// <param name="cores">Of the machine.</param>
    /// <param name="allowed">That this process may use; a launcher may have bound it to some.</param>
    public int Threads(int cores, int allowed) => Math.Clamp(cores / OnThisMachine, 1, allowed);
}
