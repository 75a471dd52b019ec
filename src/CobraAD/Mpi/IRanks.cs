namespace CobraAD.Mpi;

/// <summary>
/// The processes that do one piece of work together, as MPI knows them: ranks 0 … n-1, each with memory of its own. Every member of this is
/// collective: all ranks call the same ones in the same order, and each returns when what it gives is complete.
/// </summary>
public interface IRanks
{
    /// <summary>This process, from 0. Rank 0 writes the files and speaks.</summary>
    int Rank { get; }

    /// <summary>The number n of all processes.</summary>
    int Size { get; }

    /// <summary>What this process handed over so far, and how long it waited for it.</summary>
    RankTraffic Traffic { get; }

    /// <summary>Replaces each number by its sum over all ranks.</summary>
    /// <param name="values">As many on every rank.</param>
    void Sum(Span<double> values);

    /// <inheritdoc cref="Sum(Span{double})"/>
    void Sum(Span<float> values);

    /// <summary>Gives every rank what each of them has, in the order of the ranks.</summary>
    /// <param name="own">What this rank has.</param>
    /// <param name="all">Room for everything.</param>
    /// <param name="bytes">How many bytes each rank has; their sum is the length of <paramref name="all"/>.</param>
    void Gather(ReadOnlySpan<byte> own, Span<byte> all, ReadOnlySpan<int> bytes);

    /// <summary>Gives every rank what rank 0 has. The others may wait for hours without keeping a core busy.</summary>
    /// <param name="values">As many on every rank; replaced on all but rank 0.</param>
    void Broadcast(Span<byte> values);
}
