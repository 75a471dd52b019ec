namespace CobraAD.Server.Scoring;

/// <summary>The right to use a model; it is not unloaded before the lease is given back.</summary>
internal readonly struct ScorerLease : IDisposable
{
    private readonly ModelSlot slot;

    internal ScorerLease(ModelSlot slot) => this.slot = slot;

    /// <summary>The model.</summary>
    public IScorer Scorer => slot.Scorer;

    /// <summary>When the model was put to work.</summary>
    public DateTimeOffset Since => slot.Since;

    public void Dispose() => slot.Release();
}
