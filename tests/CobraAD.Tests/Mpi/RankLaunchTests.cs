using CobraAD.Mpi;

namespace CobraAD.Tests.Mpi;

public sealed class RankLaunchTests
{
    [Fact]
    public void A_process_by_itself_is_no_rank() => Assert.Null(RankLaunch.Detect(_ => null));

    [Theory]
    [InlineData("OMPI_COMM_WORLD_RANK=2 OMPI_COMM_WORLD_SIZE=4 OMPI_COMM_WORLD_LOCAL_SIZE=2", 2, 4, 2, RankLauncher.OpenMpi)]
    [InlineData("SLURM_PROCID=1 SLURM_STEP_NUM_TASKS=6 SLURM_STEP_TASKS_PER_NODE=2(x3)", 1, 6, 2, RankLauncher.Slurm)]
    [InlineData("PMI_RANK=0 PMI_SIZE=3", 0, 3, 1, RankLauncher.Mpich)]
    [InlineData("OMPI_COMM_WORLD_RANK=1 OMPI_COMM_WORLD_SIZE=2 SLURM_PROCID=0 SLURM_STEP_NUM_TASKS=5", 1, 2, 1, RankLauncher.OpenMpi)]
    public void The_launcher_says_which_rank_this_is(string environment, int rank, int size, int local, RankLauncher launcher) =>
        Assert.Equal(new RankLaunch(rank, size, local, launcher), Detect(environment));

    [Theory]
    [InlineData("OMPI_COMM_WORLD_RANK=0 OMPI_COMM_WORLD_SIZE=1")]
    [InlineData("SLURM_PROCID=0 SLURM_NTASKS=4")]
    [InlineData("SLURM_PROCID=0 SLURM_STEP_NUM_TASKS=1")]
    [InlineData("OMPI_COMM_WORLD_RANK=one OMPI_COMM_WORLD_SIZE=2")]
    public void One_process_and_a_batch_script_are_no_ranks(string environment) => Assert.Null(Detect(environment));

    [Theory]
    [InlineData(16, 16, 4, 4)]
    [InlineData(16, 2, 4, 2)]
    [InlineData(2, 2, 8, 1)]
    public void The_ranks_of_a_machine_share_its_cores(int cores, int allowed, int here, int threads) =>
        Assert.Equal(threads, new RankLaunch(0, 8, here, RankLauncher.OpenMpi).Threads(cores, allowed));

    [Fact]
    public void Mpich_is_refused_before_its_library_is_touched()
    {
        PlatformNotSupportedException error = Assert.Throws<PlatformNotSupportedException>(() => OpenMpi.Open(new RankLaunch(0, 2, 2, RankLauncher.Mpich)));

        Assert.Contains("Start them with Open MPI's", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_library_of_another_interface_is_named_and_refused()
    {
        // Any library without Open MPI's objects stands for MPICH's.
        PlatformNotSupportedException error = Assert.Throws<PlatformNotSupportedException>(() => MpiLibrary.Load("libc.so.6"));

        Assert.Contains("'libc.so.6' has MPICH's binary interface", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_library_is_named_with_the_package_to_install()
    {
        PlatformNotSupportedException error = Assert.Throws<PlatformNotSupportedException>(() => MpiLibrary.Load("libmpi-that-is-not-there.so.40"));

        Assert.Contains("openmpi-bin", error.Message, StringComparison.Ordinal);
    }

    private static RankLaunch? Detect(string environment)
    {
        Dictionary<string, string> variables = environment.Split(' ').Select(entry => entry.Split('=')).ToDictionary(entry => entry[0], entry => entry[1]);
        return RankLaunch.Detect(variables.GetValueOrDefault);
    }
}
