using System.Diagnostics;

namespace CobraAD.Mpi;

/// <summary>The ranks that Open MPI's <c>mpirun</c>, or Slurm's <c>srun</c> with PMIx, started. There is one for a process, and it is opened once.</summary>
public sealed unsafe class OpenMpi : IRanks, IDisposable
{
    /// <summary>MPI counts in 32 bits.</summary>
    private const int MostBytes = 1 << 30;

    private readonly MpiLibrary library;
    private bool ended;

    private OpenMpi(MpiLibrary library)
    {
        this.library = library;
        (Rank, Size) = (library.Rank(), library.Size());
    }

    /// <inheritdoc/>
    public int Rank { get; }

    /// <inheritdoc/>
    public int Size { get; }

    /// <inheritdoc/>
    public RankTraffic Traffic { get; private set; }

    /// <summary>Joins the other ranks; the caller disposes it, last of all.</summary>
    /// <param name="launch">How this process was started.</param>
    /// <exception cref="PlatformNotSupportedException">Open MPI is missing, or the launcher or the library is of MPICH's family.</exception>
    /// <exception cref="InvalidOperationException">The launcher started several processes that Open MPI does not see as one.</exception>
    public static OpenMpi Open(RankLaunch launch)
    {
        ArgumentNullException.ThrowIfNull(launch);
        if (launch.Launcher == RankLauncher.Mpich)
        {
            throw new PlatformNotSupportedException(
                $"The {launch.Size} processes were started by an mpirun of MPICH's family, whose binary interface is not Open MPI's. Start them with Open MPI's ('mpirun --version' names it).");
        }

        MpiLibrary library = MpiLibrary.Load("libmpi.so.40", "libmpi.so");
        library.Start();
        OpenMpi ranks = new(library);
        if (ranks.Size == launch.Size) return ranks;
        int found = ranks.Size;
        ranks.Dispose();
        throw new InvalidOperationException(
            $"{launch.Size} processes were started, but Open MPI sees {found}: each would train by itself and all would write the same file. "
            + (launch.Launcher == RankLauncher.Slurm ? "Use 'srun --mpi=pmix', or mpirun inside the allocation." : "Use the mpirun of the same Open MPI."));
    }

    /// <inheritdoc/>
    public void Sum(Span<double> values)
    {
        long started = Stopwatch.GetTimestamp();
        fixed (double* first = values) library.Sum(first, values.Length, library.Double);
        Count((long)values.Length * sizeof(double), started);
    }

    /// <inheritdoc/>
    public void Sum(Span<float> values)
    {
        long started = Stopwatch.GetTimestamp();
        fixed (float* first = values) library.Sum(first, values.Length, library.Float);
        Count((long)values.Length * sizeof(float), started);
    }

    /// <inheritdoc/>
    public void Gather(ReadOnlySpan<byte> own, Span<byte> all, ReadOnlySpan<int> bytes)
    {
        long started = Stopwatch.GetTimestamp();
        int[] starts = new int[bytes.Length];
        for (int rank = 1; rank < starts.Length; rank++) starts[rank] = checked(starts[rank - 1] + bytes[rank - 1]);
        fixed (byte* mine = own, everything = all)
        {
            fixed (int* counts = bytes, first = starts) library.Gather(mine, own.Length, everything, counts, first);
        }

        Count(own.Length, started);
    }

    /// <inheritdoc/>
    public void Broadcast(Span<byte> values)
    {
        long started = Stopwatch.GetTimestamp();
        library.Meet();
        for (int first = 0; first < values.Length; first += MostBytes)
        {
            Span<byte> part = values.Slice(first, Math.Min(MostBytes, values.Length - first));
            fixed (byte* start = part) library.Broadcast(start, part.Length);
        }

        Count(Rank == 0 ? values.Length : 0, started);
    }

    /// <summary>Ends all ranks at once: for one that cannot go on, for which the others would wait forever. It does not return.</summary>
    /// <param name="exitCode">What the processes return.</param>
    public void Abort(int exitCode)
    {
        library.Abort(exitCode);
        Environment.Exit(exitCode);
    }

    /// <summary>Leaves the others, when all of them do.</summary>
    public void Dispose()
    {
        if (ended) return;
        ended = true;
        library.Meet();
        library.Finish();
    }

    private void Count(long bytes, long started) => Traffic = Traffic.And(bytes, Stopwatch.GetElapsedTime(started).TotalSeconds);
}
