namespace CobraAD.Mpi;

/// <summary>What starts several processes as one piece of work.</summary>
public enum RankLauncher
{
    /// <summary>Open MPI's <c>mpirun</c>.</summary>
    OpenMpi,

    /// <summary>Slurm's <c>srun</c>.</summary>
    Slurm,

    /// <summary>The <c>mpirun</c> of MPICH or a relative, whose binary interface is another one.</summary>
    Mpich,
}
