using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Methods.PatchCore;

/// <summary>
/// Patches that lie everywhere among all patches: greedily, each the one farthest from those already kept, by distances after a random
/// linear projection. The first distances are means to a few random patches.
/// </summary>
internal static class Coreset
{
    private const int StartingPoints = 10;

    /// <summary>Rows of the kept patches, int64 [count]; the caller disposes it.</summary>
    /// <param name="patches">[N, D].</param>
    /// <param name="count">How many are kept, at most N.</param>
    /// <param name="projectionSize">Length of a projected patch; no projection when it is not below D.</param>
    /// <param name="rng">CPU generator of projection and starting points.</param>
    /// <param name="cancellation">Stops between two choices.</param>
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
        for (int i = 0; i < starts; i++) nearest.add_(Distances(first.narrow(0, i, 1)).sqrt_(), alpha: 1.0 / starts);
        nearest.mul_(nearest);

        Tensor kept = zeros(count, dtype: ScalarType.Int64, device: points.device);
        for (int i = 0; i < count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            using DisposeScope step = NewDisposeScope();
            Tensor farthest = nearest.argmax().unsqueeze(0);
            kept.narrow(0, i, 1).copy_(farthest);
            Tensor smaller = minimum(nearest, Distances(farthest));
            nearest.copy_(smaller);
            // A kept patch never comes again, even among equal ones.
            nearest.index_fill_(0, farthest, -1);
        }

        return kept.MoveToOuterDisposeScope();

        Tensor Distances(Tensor row) => (lengths + lengths.index_select(0, row) - 2 * points.mm(points.index_select(0, row).t()).squeeze(1)).clamp_min_(0);
    }
}
