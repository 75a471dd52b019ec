namespace CobraAD.Server.Scoring;

/// <summary>
/// The model in use. It can be replaced at any moment: whoever is scoring finishes with the model it began with, and the old one is
/// unloaded when its last user leaves.
/// </summary>
internal sealed class ModelHost(TimeProvider clock) : IDisposable
{
    private ModelSlot? current;

    /// <summary>Whether there is a model.</summary>
    public bool IsLoaded => Volatile.Read(ref current) is not null;

    /// <summary>Borrows the model; dispose the lease soon.</summary>
    /// <exception cref="RefusedException">There is no model yet, or no more.</exception>
    public ScorerLease Rent()
    {
        while (Volatile.Read(ref current) is { } slot)
        {
            // Lost only when a swap unloaded this model in between; the next look finds its successor.
            if (slot.TryAcquire()) return new ScorerLease(slot);
        }

        throw RefusedException.NoModel();
    }

    /// <summary>Puts another model to work.</summary>
    /// <param name="next">The new model; the host disposes it.</param>
    public void Swap(IScorer next) => Interlocked.Exchange(ref current, new ModelSlot(next, clock.GetUtcNow()))?.Release();

    public void Dispose() => Interlocked.Exchange(ref current, null)?.Release();
}
