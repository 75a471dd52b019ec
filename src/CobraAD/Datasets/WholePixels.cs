using static TorchSharp.torch;

namespace CobraAD.Datasets;

/// <summary>Decoded images in memory.</summary>
/// <param name="pixels">uint8 [N, 3, H, W] on the CPU; taken over.</param>
internal sealed class WholePixels(Tensor pixels) : IPixelStore
{
    public int Height => (int)pixels.size(2);

    public int Width => (int)pixels.size(3);

    public bool IsInMemory => true;

    public Tensor Take(ReadOnlySpan<long> indices)
    {
        using Tensor index = tensor(indices.ToArray(), ScalarType.Int64);
        return pixels.index_select(0, index);
    }

    public Tensor View(long index) => pixels.narrow(0, index, 1);

    public IPixelStore Subset(IReadOnlyList<int> indices) => new WholePixels(Take([.. indices.Select(i => (long)i)]).DetachFromDisposeScope());

    public void Dispose() => pixels.Dispose();
}
