using static TorchSharp.torch;

namespace CobraAD.Datasets.Cache;

/// <summary>Decoded images in a file.</summary>
/// <param name="file">The file; taken over.</param>
/// <param name="rows">The row of each image in it.</param>
internal sealed class MappedPixels(PixelFile file, int[] rows) : IPixelStore
{
    public int Height => file.Content.Side;

    public int Width => file.Content.Side;

    public bool IsInMemory => false;

    public Tensor Take(ReadOnlySpan<long> indices)
    {
        long[] chosen = new long[indices.Length];
        for (int i = 0; i < chosen.Length; i++)
        {
            chosen[i] = rows[indices[i]];
            file.Fetch(chosen[i]);
        }

        file.Touch(chosen.Length);
        using Tensor index = tensor(chosen, ScalarType.Int64);
        return file.Rows.index_select(0, index);
    }

    public Tensor View(long index)
    {
        file.Touch(1);
        return file.Rows.narrow(0, rows[index], 1);
    }

    public IPixelStore Subset(IReadOnlyList<int> indices) => new MappedPixels(file.Share(), [.. indices.Select(i => rows[i])]);

    public void Dispose() => file.Release();
}
