namespace CobraAD.Mpi;

/// <summary>What the ranks cost each other.</summary>
/// <param name="Calls">Collective operations.</param>
/// <param name="Bytes">Bytes that this process handed to them, whichever way the network then carries them.</param>
/// <param name="Seconds">Time in them: the transfer, and the waiting for slower ranks.</param>
public readonly record struct RankTraffic(long Calls, long Bytes, double Seconds)
{
    /// <summary>One more operation.</summary>
    /// <param name="bytes">Handed over.</param>
    /// <param name="seconds">How long it took.</param>
    public RankTraffic And(long bytes, double seconds) => new(Calls + 1, Bytes + bytes, Seconds + seconds);
}
