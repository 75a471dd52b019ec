using static TorchSharp.torch;

namespace CobraAD.Torch;

/// <summary>Tensors of many rows: in memory where they fit into a limit, else in a file without a name (<see cref="ScratchRows"/>).</summary>
internal static class LargeRows
{
    private const long Part = 64;

    /// <summary>Rows that are made part by part; the caller disposes the tensor.</summary>
    /// <param name="count">How many; at least 1.</param>
    /// <param name="rows">Makes some of them on the CPU, from where they begin and their number; each is disposed.</param>
    /// <param name="mostBytes">Bytes that all of them may take in memory.</param>
    /// <exception cref="IOException">The disk is full.</exception>
    public static Tensor Of(long count, Func<long, long, Tensor> rows, long mostBytes)
    {
        using (Tensor one = rows(0, 1))
        {
            if (count * one.NumberOfElements * one.ElementSize <= mostBytes) return rows(0, count);
        }

        using ScratchRows file = new();
        long[] shape = [];
        ScalarType type = default;
        for (long start = 0; start < count; start += Part)
        {
            using Tensor part = rows(start, Math.Min(Part, count - start));
            file.Add(part);
            (shape, type) = ([count, .. part.shape[1..]], part.dtype);
        }

        return file.Map(shape, type);
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
