using System.Runtime.InteropServices;

namespace CobraAD.Mpi;

/// <summary>
/// The functions of Open MPI's C library (MPI 3.1, section 5 "Collective Communication") that <see cref="OpenMpi"/> calls. A communicator, a
/// type and an operation are addresses of exported objects there; in MPICH's interface they are numbers, so the two cannot be mixed.
/// </summary>
internal sealed unsafe partial class MpiLibrary
{
    /// <summary>MPI_THREAD_SERIALIZED: any thread may call, one at a time.</summary>
    private const int Serialized = 2;

    private const string Installed = "On Debian and Ubuntu: apt-get install openmpi-bin.";

    private readonly nint library;

    private MpiLibrary(nint library)
    {
        this.library = library;
        World = Export("ompi_mpi_comm_world");
        Byte = Export("ompi_mpi_byte");
        Float = Export("ompi_mpi_float");
        Double = Export("ompi_mpi_double");
        SumOf = Export("ompi_mpi_op_sum");
    }

    public nint World { get; }

    public nint Byte { get; }

    public nint Float { get; }

    public nint Double { get; }

    public nint SumOf { get; }

    /// <summary>Loads the library.</summary>
    /// <param name="names">What it is called, best first; the libraries of MPICH's interface are looked for afterwards, only to say so.</param>
    /// <exception cref="PlatformNotSupportedException">There is none, or one with MPICH's interface.</exception>
    public static MpiLibrary Load(params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            if (NativeLibrary.TryLoad(name, out nint library)) return Of(library, name);
        }

        foreach (string other in (ReadOnlySpan<string>)["libmpi.so.12", "libmpich.so.12", "libmpich.so"])
        {
            if (NativeLibrary.TryLoad(other, out nint library)) throw OtherInterface(other);
        }

        throw new PlatformNotSupportedException($"Several processes were started, but Open MPI's library ({string.Join(", ", names.ToArray())}) cannot be loaded. {Installed}");
    }

    /// <summary>Starts MPI, before any other function. Its handlers stay away from the signals that .NET needs for its own exceptions.</summary>
    public void Start()
    {
        _ = SetEnvironment("OMPI_MCA_opal_signal", "6", 0);
        int provided;
        Check(((delegate* unmanaged<void*, void*, int, int*, int>)Export("MPI_Init_thread"))(null, null, Serialized, &provided), "MPI_Init_thread");
        if (provided < Serialized) throw new PlatformNotSupportedException($"This Open MPI allows calls from one thread only (level {provided}); CobraAD needs MPI_THREAD_SERIALIZED.");
    }

    public int Rank()
    {
        int rank;
        Check(((delegate* unmanaged<nint, int*, int>)Export("MPI_Comm_rank"))(World, &rank), "MPI_Comm_rank");
        return rank;
    }

    public int Size()
    {
        int size;
        Check(((delegate* unmanaged<nint, int*, int>)Export("MPI_Comm_size"))(World, &size), "MPI_Comm_size");
        return size;
    }

    /// <summary>Sums in place.</summary>
    public void Sum(void* values, int count, nint type)
    {
        // MPI_IN_PLACE is the address 1 in Open MPI's mpi.h.
        Check(((delegate* unmanaged<void*, void*, int, nint, nint, nint, int>)Export("MPI_Allreduce"))((void*)1, values, count, type, SumOf, World), "MPI_Allreduce");
    }

    public void Gather(void* own, int count, void* all, int* counts, int* starts) => Check(
        ((delegate* unmanaged<void*, int, nint, void*, int*, int*, nint, nint, int>)Export("MPI_Allgatherv"))(own, count, Byte, all, counts, starts, Byte, World), "MPI_Allgatherv");

    public void Broadcast(void* values, int count) =>
        Check(((delegate* unmanaged<void*, int, nint, int, nint, int>)Export("MPI_Bcast"))(values, count, Byte, 0, World), "MPI_Bcast");

    /// <summary>Waits until all ranks are here. MPI's own waiting keeps a core busy; this sleeps.</summary>
    public void Meet()
    {
        nint request;
        Check(((delegate* unmanaged<nint, nint*, int>)Export("MPI_Ibarrier"))(World, &request), "MPI_Ibarrier");
        for (int pause = 0, done = 0; ; pause = Math.Min(pause + 1, 20))
        {
            // MPI_STATUS_IGNORE is the null address.
            Check(((delegate* unmanaged<nint*, int*, void*, int>)Export("MPI_Test"))(&request, &done, null), "MPI_Test");
            if (done != 0) return;
            Thread.Sleep(pause);
        }
    }

    /// <summary>Ends every rank.</summary>
    public void Abort(int code) => ((delegate* unmanaged<nint, int, int>)Export("MPI_Abort"))(World, code);

    public void Finish() => Check(((delegate* unmanaged<int>)Export("MPI_Finalize"))(), "MPI_Finalize");

    private static MpiLibrary Of(nint library, string name) => NativeLibrary.TryGetExport(library, "ompi_mpi_comm_world", out _) ? new MpiLibrary(library) : throw OtherInterface(name);

    private static PlatformNotSupportedException OtherInterface(string name) =>
        new($"'{name}' has MPICH's binary interface (MPICH, Intel MPI, MVAPICH); CobraAD calls Open MPI's. {Installed} Then start with Open MPI's mpirun.");

    private static void Check(int code, string function)
    {
        // Open MPI's default is to end all ranks with a message of its own; this is for whoever changed that.
        if (code != 0) throw new InvalidOperationException($"{function} failed with code {code}.");
    }

    private nint Export(string name) => NativeLibrary.GetExport(library, name);

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetEnvironment(string name, string value, int overwrite);
}
