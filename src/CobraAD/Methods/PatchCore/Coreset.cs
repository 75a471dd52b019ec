using System.Numerics.Tensors;
using TorchSharp;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace CobraAD.Methods.PatchCore;

/// <summary>
/// Patches that lie everywhere among all patches: greedily, each the one farthest from those already kept, by distances after a random
/// linear projection. The first distances are means to a few random patches.
/// </summary>
/// <remarks>
/// Every kept patch has a cell, the patches nearer to it than to any other. A patch at distance r from its own kept one stays in its cell when a
/// new one is 2r or more from that (the triangle inequality), so most cells are not looked at: at 10 % kept a choice takes a tenth of the time
/// that distances to all patches take, and gives the same patches.
/// </remarks>
internal sealed class Coreset
{
    private const int StartingPoints = 10;

    /// <summary>Rounding of float32 sums must not let a patch be passed over that has come nearer.</summary>
    private const float Slack = 1.001f;

    private readonly float[] points;
    private readonly int length;
    private readonly float[] nearest;
    private readonly int[] next;
    private readonly List<Cell> cells = [];
    private float[] centres = [];
    private float[] toCentres = [];

    private Coreset(float[] points, int length, float[] nearest)
    {
        this.points = points;
        this.length = length;
        this.nearest = nearest;
        next = new int[nearest.Length];
    }

    /// <summary>Rows of the kept patches, int64 [count] on the CPU; the caller disposes it.</summary>
    /// <param name="patches">[N, D].</param>
    /// <param name="count">How many are kept, at most N.</param>
    /// <param name="projectionSize">Length of a projected patch; no projection when it is not below D.</param>
    /// <param name="rng">CPU generator of projection and starting points.</param>
    /// <param name="cancellation">Stops between two choices.</param>
    public static Tensor Choose(Tensor patches, int count, int projectionSize, Generator rng, CancellationToken cancellation)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        Tensor projected = patches;
        if (projectionSize < patches.size(1))
            projected = patches.mm((randn([patches.size(1), projectionSize], generator: rng) / Math.Sqrt(projectionSize)).to(patches.device));
        int starts = (int)Math.Min(StartingPoints, projected.size(0));
        Tensor first = randperm(projected.size(0), ScalarType.Int64, CPU, generator: rng).narrow(0, 0, starts);
        if (projected.numel() > Array.MaxLength)
            throw new InvalidOperationException($"{projected.size(0)} patches of {projected.size(1)} numbers are more than the coreset is chosen from. Set a smaller memoryLimit or projectionSize.");
        float[] points = projected.cpu().contiguous().data<float>().ToArray();
        Coreset coreset = new(points, (int)projected.size(1), new float[projected.size(0)]);
        long[] kept = coreset.Choose(count, first.data<long>().ToArray(), cancellation);
        return tensor(kept).MoveToOuterDisposeScope();
    }

    private long[] Choose(int count, long[] starts, CancellationToken cancellation)
    {
        centres = new float[count * length];
        toCentres = new float[count];
        // Until a kept patch is nearer, a patch has its mean distance to the starting points and belongs to a cell that is always looked at.
        Cell undecided = new() { First = -1 };
        for (int i = 0; i < nearest.Length; i++)
        {
            float sum = 0;
            foreach (long start in starts) sum += MathF.Sqrt(Squared(i, Point((int)start)));
            nearest[i] = sum / starts.Length * (sum / starts.Length);
            undecided.Push(i, next);
        }

        long[] kept = new long[count];
        for (int i = 0; i < count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            int farthest = TensorPrimitives.IndexOfMax<float>(nearest);
            kept[i] = farthest;
            Add(farthest, undecided);
        }

        return kept;
    }

    private void Add(int chosen, Cell undecided)
    {
        int known = cells.Count;
        ReadOnlySpan<float> centre = Point(chosen);
        centre.CopyTo(centres.AsSpan(known * length));
        Cell own = new() { First = -1 };
        Draw(undecided, own, centre, between: 0);
        for (int i = 0; i < known; i++) toCentres[i] = Squared(centre, centres.AsSpan(i * length, length));
        for (int i = 0; i < known; i++)
        {
            if (toCentres[i] < 4 * Slack * cells[i].Radius) Draw(cells[i], own, centre, toCentres[i]);
        }

        cells.Add(own);
        // A kept patch never comes again, even among equal ones.
        nearest[chosen] = -1;
    }

    /// <summary>Moves what has come nearer to a new centre from its cell to the new one.</summary>
    /// <param name="cell">The cell.</param>
    /// <param name="own">That of the new centre.</param>
    /// <param name="centre">The new centre.</param>
    /// <param name="between">Squared distance between the two centres.</param>
    private void Draw(Cell cell, Cell own, ReadOnlySpan<float> centre, float between)
    {
        int member = cell.First;
        cell.First = -1;
        cell.Radius = 0;
        while (member >= 0)
        {
            int following = next[member];
            if (between < 4 * Slack * nearest[member] && Squared(member, centre) is var distance && distance < nearest[member])
            {
                nearest[member] = distance;
                own.Push(member, next);
                own.Radius = Math.Max(own.Radius, distance);
            }
            else
            {
                cell.Push(member, next);
                cell.Radius = Math.Max(cell.Radius, nearest[member]);
            }

            member = following;
        }
    }

    private ReadOnlySpan<float> Point(int row) => points.AsSpan(row * length, length);

    private float Squared(int row, ReadOnlySpan<float> other) => Squared(Point(row), other);

    private static float Squared(ReadOnlySpan<float> left, ReadOnlySpan<float> right)
    {
        float distance = TensorPrimitives.Distance(left, right);
        return distance * distance;
    }

    /// <summary>The patches nearest to one kept patch, as a chain.</summary>
    private sealed class Cell
    {
        public int First { get; set; }

        /// <summary>The largest squared distance in it.</summary>
        public float Radius { get; set; }

        public void Push(int row, int[] next)
        {
            next[row] = First;
            First = row;
        }
    }
}
