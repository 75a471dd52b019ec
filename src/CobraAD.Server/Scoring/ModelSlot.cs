namespace CobraAD.Server.Scoring;

/// <summary>A model and the number of its users; the last one to leave unloads it.</summary>
internal sealed class ModelSlot(IScorer scorer, DateTimeOffset since)
{
    // One for the host itself, until it moves on to another model.
    private int users = 1;

    public IScorer Scorer { get; } = scorer;

    public DateTimeOffset Since { get; } = since;

    /// <summary>Counts one more user, unless the model is already gone.</summary>
    public bool TryAcquire()
    {
        int seen = Volatile.Read(ref users);
        while (seen > 0)
        {
            int before = Interlocked.CompareExchange(ref users, seen + 1, seen);
            if (before == seen) return true;
            seen = before;
        }

        return false;
    }

    public void Release()
    {
        if (Interlocked.Decrement(ref users) == 0) Scorer.Dispose();
    }
}
