namespace CobraAD.Runtime;

/// <summary>The most recent latencies. Recording takes one interlocked addition and no memory.</summary>
internal sealed class LatencyRing
{
    private const int Size = 4096;

    private readonly long[] ticks = new long[Size];
    private long count;

    public void Record(TimeSpan elapsed)
    {
        long position = Interlocked.Increment(ref count) - 1;
        Volatile.Write(ref ticks[position % Size], elapsed.Ticks);
    }

    /// <summary>Sorts a copy; a latency recorded meanwhile may or may not be in it.</summary>
    public LatencySnapshot Snapshot()
    {
        long total = Volatile.Read(ref count);
        if (total == 0) return new LatencySnapshot(0, default, default, default, default, default);
        long[] recent = ticks[..(int)Math.Min(total, Size)];
        Array.Sort(recent);
        return new LatencySnapshot(total, new TimeSpan((long)recent.Average()), Quantile(0.5), Quantile(0.95), Quantile(0.99), new TimeSpan(recent[^1]));

        // Nearest rank: the smallest latency that a share of all does not exceed.
        TimeSpan Quantile(double share) => new(recent[(int)Math.Ceiling(share * recent.Length) - 1]);
    }
}
