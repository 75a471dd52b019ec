namespace CobraAD.Runtime.Lanes;

/// <summary>The right to use a lane alone; it goes back to its pool at the end.</summary>
internal readonly struct LaneLease : IDisposable
{
    private readonly LanePool pool;

    internal LaneLease(LanePool pool, ScoringLane lane)
    {
        this.pool = pool;
        Lane = lane;
    }

    /// <summary>The lane.</summary>
    public ScoringLane Lane { get; }

    public void Dispose() => pool.Return(Lane);
}
