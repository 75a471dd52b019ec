using CobraAD.Datasets;
using CobraAD.Networks.Backbones;
using CobraAD.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Evaluation.Parts;

/// <summary>How far each image lies from the nearest of the others, by features that no training has touched.</summary>
internal static class NeighbourDistances
{
    /// <summary>Side of the pictures that stand in for features where there is no network.</summary>
    private const int PictureSide = 16;

    /// <summary>With how many images each is compared at most. Of more a CPU does not compute a network's features either, which would take it hours.</summary>
    internal const int MostCompared = 10_000;

    /// <summary>Most bytes that one block of distances may take.</summary>
    private const long BlockBytes = 64L << 20;

    /// <summary>The packaged network where it is installed; <see langword="null"/> where it is not.</summary>
    public static BackboneOptions? Installed => File.Exists(ImageNetPackage.Location) ? BackboneOptions.Packaged : null;

    /// <summary>
    /// The distance of each training image to the nearest of the others that is no copy of it, and what it was measured by. Of more than
    /// <paramref name="mostCompared"/> images each is compared with so many of the others, drawn at random: all pairs of a million images would take
    /// days, and their features a few gigabytes.
    /// </summary>
    /// <param name="images">The images; training images come first.</param>
    /// <param name="groups">The group of each training image: those of one group are copies of each other and do not count.</param>
    /// <param name="backbone">The network that makes features; pictures of 16 × 16 pixels when <see langword="null"/>.</param>
    /// <param name="device">Where it runs.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <param name="cancellation">Stops between two batches.</param>
    /// <param name="mostCompared">With how many images each is compared at most.</param>
    /// <returns>One for each training image; infinite where all others are copies of it.</returns>
    public static (double[] Distances, string Name) Of(
        ImageSet images, int[] groups, BackboneOptions? backbone, Device device, IProgress<DataCheckProgress>? progress, CancellationToken cancellation, int mostCompared = MostCompared)
    {
        if (backbone is null) return Measured(batch => nn.functional.adaptive_avg_pool2d(batch, PictureSide).flatten(1), $"pictures of {PictureSide} × {PictureSide} pixels");
        using Generator rng = new(0, CPU);
        using Backbone opened = BackboneStore.Open(backbone, rng).To(device);
        using Backbone folded = opened.Fold();
        return Measured(folded.Features, opened.Origin.Name);

        (double[], string) Measured(Func<Tensor, Tensor> map, string name)
        {
            int count = groups.Length, done = 0;
            if (count <= mostCompared)
            {
                using Tensor all = BatchedPass.Join(count, BatchedPass.Size, (start, size) => Features(Indices(start, size), count), cancellation);
                return (LeaveOneOut(all, groups), name);
            }

            long[] drawn = Drawn(count, mostCompared);
            using Tensor compared = BatchedPass.Join(drawn.Length, BatchedPass.Size, (start, size) => Features(drawn[start..(start + size)], count + drawn.Length), cancellation);
            using Tensor rows = compared.to(ScalarType.Float64), squares = rows.square().sum([1]), group = tensor(drawn.Select(i => (long)groups[i]).ToArray(), ScalarType.Int64);
            double[] distances = new double[count];
            BatchedPass.Over(count, BatchedPass.Size, (start, size) =>
                Nearest(Features(Indices(start, size), count + drawn.Length).to(ScalarType.Float64), tensor(groups[start..(start + size)].Select(g => (long)g).ToArray(), ScalarType.Int64), rows, squares, group)
                    .CopyTo(distances, start),
                cancellation);
            return (distances, $"{name}, each image beside {drawn.Length} of the others, drawn at random");

            Tensor Features(long[] indices, int total)
            {
                progress?.Report(new DataCheckProgress("features", done, total));
                Tensor made = map(images.Batch(indices, device)).cpu();
                progress?.Report(new DataCheckProgress("features", done += indices.Length, total));
                return made;
            }
        }
    }

    /// <summary>Distances to the nearest other row, where rows of one group are copies of each other and do not count.</summary>
    /// <param name="features">[N, D].</param>
    /// <param name="groups">The group of each row.</param>
    /// <returns>One for each row; infinite where all others are copies of it.</returns>
    public static double[] LeaveOneOut(Tensor features, IReadOnlyList<int> groups)
    {
        int count = groups.Count;
        double[] distances = new double[count];
        using DisposeScope all = NewDisposeScope();
        Tensor rows = features.to(ScalarType.Float64);
        Tensor squares = rows.square().sum([1]);
        Tensor group = tensor(groups.Select(g => (long)g).ToArray(), ScalarType.Int64);
        BatchedPass.Over(count, (int)Math.Clamp(BlockBytes / (8L * count), 1, count), (start, size) =>
            Nearest(rows.narrow(0, start, size), group.narrow(0, start, size), rows, squares, group).CopyTo(distances, start));
        return distances;
    }

    /// <summary>The distance of each of some rows to the nearest of others that is not of its group.</summary>
    private static double[] Nearest(Tensor some, Tensor groupOfSome, Tensor others, Tensor squaresOfOthers, Tensor groupOfOthers)
    {
        Tensor squared = some.square().sum([1]).unsqueeze(1) + squaresOfOthers.unsqueeze(0) - 2 * some.mm(others.t());
        Tensor isCopy = groupOfSome.unsqueeze(1).eq(groupOfOthers.unsqueeze(0));
        return squared.masked_fill(isCopy, double.PositiveInfinity).amin([1L]).clamp_min(0).sqrt().data<double>().ToArray();
    }

    private static long[] Indices(int start, int size) => [.. Enumerable.Range(start, size).Select(i => (long)i)];

    private static long[] Drawn(int count, int wanted)
    {
        using Generator rng = new RandomStreams(0).Create("check comparison");
        using Tensor order = randperm(count, ScalarType.Int64, CPU, generator: rng);
        long[] drawn = order.data<long>().ToArray()[..wanted];
        Array.Sort(drawn);
        return drawn;
    }
}
