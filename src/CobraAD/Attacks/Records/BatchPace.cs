namespace CobraAD.Attacks.Records;

/// <summary>
/// How many images are attacked at once where progress is kept. A state file grows by whole batches, so that a long attack on a large batch would
/// keep nothing for hours: batches start small and grow as long as one takes no more than half of the promised interval. Results do not depend on it.
/// </summary>
/// <param name="interval">How long may be lost at most; zero asks for the largest batches.</param>
internal sealed class BatchPace(TimeSpan interval)
{
    private const int First = 4;
    private const int Growth = 4;

    private int allowed = interval > TimeSpan.Zero ? First : int.MaxValue;

    /// <summary>Images of the next batch.</summary>
    /// <param name="most">What memory allows.</param>
    public int Next(int most) => Math.Min(most, allowed);

    /// <summary>Learns from a batch that is done.</summary>
    /// <param name="images">How many images it had.</param>
    /// <param name="took">How long it took.</param>
    public void Record(int images, TimeSpan took)
    {
        if (interval <= TimeSpan.Zero) return;
        double affordable = took > TimeSpan.Zero ? interval / 2 / took * images : double.MaxValue;
        allowed = (int)Math.Clamp(affordable, 1, (double)images * Growth);
    }
}
