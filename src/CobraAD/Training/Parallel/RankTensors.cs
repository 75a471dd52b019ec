using System.Runtime.InteropServices;
using CobraAD.Mpi;
using CobraAD.Torch.Files;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Training.Parallel;

/// <summary>Collective operations on tensors, of any device.</summary>
internal static class RankTensors
{
    /// <summary>Replaces a tensor's values by their sums over all ranks.</summary>
    /// <param name="ranks">All of them hold a tensor of this shape and type.</param>
    /// <param name="values">float32 or float64; changed in place.</param>
    public static void Sum(this IRanks ranks, Tensor values)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        Tensor own = values.detach().cpu().contiguous();
        if (own.dtype == ScalarType.Float64) ranks.Sum(MemoryMarshal.Cast<byte, double>(own.bytes));
        else ranks.Sum(MemoryMarshal.Cast<byte, float>(own.bytes));
        values.copy_(own);
    }

    /// <summary>The mean, over all ranks, of numbers of which each has some.</summary>
    public static double Mean(this IRanks ranks, Tensor values)
    {
        using DisposeScope scope = NewDisposeScope();
        Span<double> sums = [values.to(ScalarType.Float64).sum().item<double>(), values.numel()];
        ranks.Sum(sums);
        return sums[0] / sums[1];
    }

    /// <summary>Whether any rank says so.</summary>
    public static bool Any(this IRanks ranks, bool own)
    {
        Span<double> count = [own ? 1 : 0];
        ranks.Sum(count);
        return count[0] > 0;
    }

    /// <summary>Sums the gradients of all ranks, in one buffer, so that every rank then takes the same step.</summary>
    /// <param name="ranks">All of them have gradients of the same parameters.</param>
    /// <param name="parameters">Those without a gradient are left out.</param>
    public static void SumGradients(this IRanks ranks, IEnumerable<Tensor> parameters)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        Tensor[] gradients = [.. parameters.Select(parameter => parameter.grad).OfType<Tensor>()];
        Tensor flat = cat([.. gradients.Select(gradient => gradient.flatten())]);
        ranks.Sum(flat);
        long first = 0;
        foreach (Tensor gradient in gradients)
        {
            gradient.copy_(flat.narrow(0, first, gradient.numel()).view(gradient.shape));
            first += gradient.numel();
        }
    }

    /// <summary>
    /// Gives every rank the tensors of rank 0. Processors of two kinds round differently, so without it the weights of the ranks would part,
    /// by a last digit in each step.
    /// </summary>
    /// <param name="ranks">All of them hold tensors of these names and shapes.</param>
    /// <param name="state">Changed in place.</param>
    public static void Broadcast(this IRanks ranks, IReadOnlyDictionary<string, Tensor> state)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        foreach ((_, Tensor tensor) in state.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            Tensor own = tensor.detach().cpu().contiguous();
            ranks.Broadcast(own.bytes);
            tensor.copy_(own);
        }
    }

    /// <summary>Gives every rank a file of rank 0.</summary>
    /// <param name="ranks">All of them take part.</param>
    /// <param name="path">The file on rank 0; unused by the others.</param>
    /// <returns>The file's path on rank 0; elsewhere that of a copy, which the caller deletes.</returns>
    public static string ShareFile(this IRanks ranks, string path)
    {
        byte[] content = ranks.Rank == 0 ? File.ReadAllBytes(path) : [];
        Span<long> length = [content.LongLength];
        ranks.Broadcast(MemoryMarshal.AsBytes(length));
        if (ranks.Rank > 0) content = new byte[length[0]];
        ranks.Broadcast(content);
        if (ranks.Rank == 0) return path;
        string copy = Path.Combine(ScratchFolder.Find(), $"cobra-{Environment.ProcessId}-{Guid.NewGuid():N}");
        File.WriteAllBytes(copy, content);
        return copy;
    }
}
