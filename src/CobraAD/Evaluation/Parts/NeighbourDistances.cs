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

    /// <summary>Most bytes that one block of distances may take.</summary>
    private const long BlockBytes = 64L << 20;

    /// <summary>The packaged network where it is installed; <see langword="null"/> where it is not.</summary>
    public static BackboneOptions? Installed => File.Exists(ImageNetPackage.Location) ? BackboneOptions.Packaged : null;

    /// <summary>Features of images, and what made them.</summary>
    /// <param name="images">The images.</param>
    /// <param name="count">How many of them, from the first.</param>
    /// <param name="backbone">The network; pictures of 16 × 16 pixels when <see langword="null"/>.</param>
    /// <param name="device">Where it runs.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <param name="cancellation">Stops between two batches.</param>
    /// <returns>float32 [count, D] on the CPU; the caller disposes it.</returns>
    public static (Tensor Features, string Name) FeaturesOf(
        ImageSet images, int count, BackboneOptions? backbone, Device device, IProgress<DataCheckProgress>? progress, CancellationToken cancellation)
    {
        if (backbone is null) return (Over(batch => nn.functional.adaptive_avg_pool2d(batch, PictureSide).flatten(1)), $"pictures of {PictureSide} × {PictureSide} pixels");
        using Generator rng = new(0, CPU);
        using Backbone opened = BackboneStore.Open(backbone, rng).To(device);
        using Backbone folded = opened.Fold();
        return (Over(folded.Features), opened.Origin.Name);

        Tensor Over(Func<Tensor, Tensor> map) => BatchedPass.Join(
            count, BatchedPass.Size,
            (start, size) =>
            {
                progress?.Report(new DataCheckProgress("features", start, count));
                Tensor made = map(images.Batch(start, size, device)).cpu();
                progress?.Report(new DataCheckProgress("features", start + size, count));
                return made;
            },
            cancellation);
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
        {
            Tensor squared = squares.narrow(0, start, size).unsqueeze(1) + squares.unsqueeze(0) - 2 * rows.narrow(0, start, size).mm(rows.t());
            Tensor isCopy = group.narrow(0, start, size).unsqueeze(1).eq(group.unsqueeze(0));
            Tensor nearest = squared.masked_fill(isCopy, double.PositiveInfinity).amin([1L]).clamp_min(0).sqrt();
            nearest.data<double>().ToArray().CopyTo(distances, start);
        });
        return distances;
    }
}
