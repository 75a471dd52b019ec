using static TorchSharp.torch;

namespace CobraAD.Torch.Files;

/// <summary>Tensors of many rows: in memory where they fit into a limit, else in a file without a name (<see cref="ScratchRows"/>).</summary>
internal static class LargeRows
{
    /// <summary>Rows that are made part by part; the caller disposes the tensor.</summary>
    /// <param name="count">How many; at least 1.</param>
    /// <param name="rows">Makes some of them on the CPU, from where they begin and their number.</param>
    /// <param name="mostBytes">Bytes that all of them may take in memory.</param>
    /// <exception cref="IOException">The disk is full.</exception>
    public static Tensor Of(int count, Func<int, int, Tensor> rows, long mostBytes)
    {
        using Tensor one = rows(0, 1);
        if (count * one.NumberOfElements * one.ElementSize <= mostBytes) return rows(0, count);
        using ScratchRows file = new();
        BatchedPass.Over(count, BatchedPass.Size, (start, size) => file.Add(rows(start, size)));
        return file.Map([count, .. one.shape[1..]], one.dtype);
    }

    /// <summary>A copy that can be written to, where the original is: in memory, or in a file of its own; the caller disposes it.</summary>
    /// <param name="rows">On the CPU; not disposed.</param>
    /// <exception cref="IOException">The disk is full.</exception>
    public static Tensor Copy(Tensor rows)
    {
        if (!MappedFile.Holds(rows)) return rows.clone();
        using ScratchRows file = new();
        file.Add(rows);
        return file.Map(rows.shape, rows.dtype);
    }
}
