namespace CobraAD.Server.Images;

/// <summary>The newest images by their result's number, within a budget of memory: enough to explain what an operator is looking at.</summary>
/// <param name="budget">The most bytes to hold; 0 holds nothing.</param>
internal sealed class RecentImages(long budget)
{
    private readonly Lock gate = new();
    private readonly Dictionary<long, byte[]> images = [];
    private readonly Queue<long> order = new();
    private long held;

    public void Add(long id, byte[] image)
    {
        if (image.Length > budget) return;
        lock (gate)
        {
            if (!images.TryAdd(id, image)) return;
            order.Enqueue(id);
            held += image.Length;
            while (held > budget && images.Remove(order.Dequeue(), out byte[]? oldest)) held -= oldest.Length;
        }
    }

    public byte[]? Find(long id)
    {
        lock (gate) return images.GetValueOrDefault(id);
    }
}
