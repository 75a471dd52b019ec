using System.Numerics.Tensors;
using CobraAD.Torch;
using TorchSharp;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace CobraAD.Methods.PatchCore;

/// <summary>
/// Patches that lie everywhere among all patches: greedily, each the one farthest from those already kept, by distances after a random
/// linear projection. The first distances are means to a few random patches.
/// </summary>
/// <remarks>
/// Many choices are made at a time, with the same outcome: of the thousand farthest patches, whatever is chosen next is farther than any patch
/// outside, as long as it is farther than the last of the thousand was at first, since distances only shrink. So the choices are played through
/// among these, and all patches are compared with the chosen ones by one matrix product: seconds instead of minutes at 224 pixels.
/// </remarks>
internal static class Coreset
{
    private const int StartingPoints = 10;

    /// <summary>Patches among which choices are played through.</summary>
    private const int PoolSize = 1024;

    /// <summary>Most distances that are held at once: few enough to stay in a processor's cache from the product to its minimum.</summary>
    private const long BlockSize = 1L << 20;

    /// <summary>Rows of the kept patches, int64 [count]; the caller disposes it.</summary>
    /// <param name="patches">[N, D].</param>
    /// <param name="count">How many are kept, at most N.</param>
    /// <param name="projectionSize">Length of a projected patch; no projection when it is not below D.</param>
    /// <param name="rng">CPU generator of projection and starting points.</param>
    /// <param name="cancellation">Stops between two rounds of choices.</param>
    public static Tensor Choose(Tensor patches, int count, int projectionSize, Generator rng, CancellationToken cancellation)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        Tensor points = patches;
        if (projectionSize < patches.size(1))
            points = patches.mm((randn([patches.size(1), projectionSize], generator: rng) / Math.Sqrt(projectionSize)).to(patches.device));
        Tensor lengths = points.square().sum([1]);

        int starts = (int)Math.Min(StartingPoints, points.size(0));
        Tensor first = randperm(points.size(0), ScalarType.Int64, CPU, generator: rng).narrow(0, 0, starts).to(points.device);
        Tensor nearest = zeros_like(lengths);
        for (int i = 0; i < starts; i++) nearest.add_(Distances(points, lengths, first.narrow(0, i, 1)).squeeze(1).sqrt_(), alpha: 1.0 / starts);
        nearest.mul_(nearest);

        List<long> kept = [];
        while (kept.Count < count)
        {
            cancellation.ThrowIfCancellationRequested();
            using StepScope round = new();
            long[] chosen = Farthest(points, lengths, nearest, count - kept.Count);
            Approach(points, lengths, nearest, tensor(chosen).to(points.device));
            kept.AddRange(chosen);
        }

        return tensor(kept.ToArray()).to(points.device).MoveToOuterDisposeScope();
    }

    /// <summary>The next choices, at least one: those that the farthest patches alone decide.</summary>
    private static long[] Farthest(Tensor points, Tensor lengths, Tensor nearest, int most)
    {
        int size = (int)Math.Min(PoolSize, nearest.size(0));
        (Tensor distances, Tensor rows) = nearest.topk(size, 0);
        float[] distance = distances.cpu().data<float>().ToArray();
        long[] row = rows.cpu().data<long>().ToArray();
        Tensor pool = points.index_select(0, rows), squares = lengths.index_select(0, rows);
        float[] between = Distances(pool, squares, arange(size, device: points.device)).cpu().contiguous().data<float>().ToArray();
        // Whoever is left outside is not farther than this. Among equals any may be chosen.
        float outside = size < nearest.size(0) ? distance[^1] : float.NegativeInfinity;
        List<long> chosen = [];
        while (chosen.Count < Math.Min(most, size))
        {
            int best = TensorPrimitives.IndexOfMax<float>(distance);
            if (chosen.Count > 0 && distance[best] < outside) break;
            chosen.Add(row[best]);
            TensorPrimitives.Min(distance, between.AsSpan(best * size, size), distance);
            // A kept patch never comes again, even among equal ones.
            distance[best] = float.NegativeInfinity;
        }

        return [.. chosen];
    }

    /// <summary>Lowers the distance of every patch to that to the nearest chosen one.</summary>
    private static void Approach(Tensor points, Tensor lengths, Tensor nearest, Tensor chosen)
    {
        Tensor centres = points.index_select(0, chosen), squares = lengths.index_select(0, chosen);
        long step = Math.Max(1, BlockSize / chosen.size(0));
        for (long start = 0; start < points.size(0); start += step)
        {
            using DisposeScope block = NewDisposeScope();
            long length = Math.Min(step, points.size(0) - start);
            Tensor smallest = addmm(squares.unsqueeze(0), points.narrow(0, start, length), centres.t(), beta: 1, alpha: -2).amin([1]);
            Tensor part = nearest.narrow(0, start, length);
            part.copy_(minimum(part, (smallest + lengths.narrow(0, start, length)).clamp_min_(0)));
        }

        nearest.index_fill_(0, chosen, float.NegativeInfinity);
    }

    /// <summary>Squared distances to some of the points, [N, rows].</summary>
    private static Tensor Distances(Tensor points, Tensor lengths, Tensor rows) =>
        (lengths.unsqueeze(1) + lengths.index_select(0, rows).unsqueeze(0) - 2 * points.mm(points.index_select(0, rows).t())).clamp_min_(0);
}
