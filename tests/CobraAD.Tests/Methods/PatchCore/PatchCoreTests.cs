using CobraAD.Detection;
using CobraAD.Methods;
using CobraAD.Methods.PatchCore;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Methods.PatchCore;

public sealed class PatchCoreTests(TrainedMethods trained) : IClassFixture<TrainedMethods>
{
    [Fact]
    public void A_coreset_takes_one_patch_of_each_cluster()
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator rng = new(1, CPU);
        Tensor centres = 10 * randn([5, 4], generator: rng);
        Tensor patches = centres.repeat_interleave(20, 0) + 0.01 * randn([100, 4], generator: rng);

        Tensor kept = Coreset.Choose(patches, 5, projectionSize: 128, rng, CancellationToken.None);

        Assert.Equal([0, 1, 2, 3, 4], kept.data<long>().ToArray().Select(row => (int)(row / 20)).Order());
    }

    [Fact]
    public void A_coreset_never_takes_a_patch_twice()
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator rng = new(1, CPU);

        Tensor kept = Coreset.Choose(ones(12, 4), 12, projectionSize: 128, rng, CancellationToken.None);

        Assert.Equal(12, kept.data<long>().ToArray().Distinct().Count());
    }

    [Theory]
    [InlineData(128)]
    [InlineData(6)]
    public void A_coreset_is_what_distances_to_all_patches_give(int projectionSize)
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator rng = new(1, CPU);
        Tensor patches = randn([600, 8], generator: rng) * tensor(new[] { 5f, 3, 2, 1, 1, 0.5f, 0.2f, 0.1f });
        using Generator first = new(2, CPU);
        using Generator second = new(2, CPU);

        Tensor kept = Coreset.Choose(patches, 120, projectionSize, first, CancellationToken.None);

        Assert.Equal(Greedy(patches, 120, projectionSize, second), kept.data<long>().ToArray());
    }

    /// <summary>The definition: in every step all distances.</summary>
    private static long[] Greedy(Tensor patches, int count, int projectionSize, Generator rng)
    {
        Tensor points = projectionSize < patches.size(1) ? patches.mm(randn([patches.size(1), projectionSize], generator: rng) / Math.Sqrt(projectionSize)) : patches;
        Tensor starts = randperm(points.size(0), ScalarType.Int64, CPU, generator: rng).narrow(0, 0, 10);
        Tensor nearest = cdist(points, points.index_select(0, starts)).mean([1]);
        long[] kept = new long[count];
        for (int i = 0; i < count; i++)
        {
            kept[i] = nearest.argmax().item<long>();
            nearest = minimum(nearest, cdist(points, points.narrow(0, kept[i], 1)).squeeze(1));
            nearest[kept[i]] = float.NegativeInfinity;
        }

        return kept;
    }

    [Theory]
    [InlineData(5000, 256)]
    [InlineData(300, 784)]
    public void The_original_stays_under_four_gigabytes(int images, int positions)
    {
        PatchPlan plan = PatchPlan.For(new PatchCoreOptions(), images, positions);

        Assert.InRange(plan.Bytes, 1, 4L << 30);
        Assert.InRange(plan.PerImage, 1, positions);
        Assert.Equal(plan.PerImage * images, plan.Total);
        Assert.InRange(plan.Kept, 1, plan.Total);
    }

    [Fact]
    public void The_memory_is_stated_before_a_training()
    {
        string? announcement = DetectionMethods.Get("patchcore").Announce(TrainedMethods.TinyOptions("patchcore"), trained.Train);

        Assert.Contains("MiB", announcement, StringComparison.Ordinal);
        Assert.Contains("64 of 64 patches", announcement, StringComparison.Ordinal);
    }

    [Fact]
    public void With_less_memory_fewer_patches_are_drawn()
    {
        PatchCoreOptions options = (PatchCoreOptions)TrainedMethods.TinyOptions("patchcore") with { MemoryLimit = 1 << 20 };

        using ITrainedDetector detector = DetectionMethods.Train(options, trained.Train);

        Assert.All(detector.ScoreAll(trained.Test), score => Assert.True(double.IsFinite(score)));
    }

    [Fact]
    public void The_map_is_highest_where_the_image_was_changed()
    {
        using DisposeScope scope = NewDisposeScope();
        IAnomalyMap detector = (IAnomalyMap)trained["patchcore"];
        Tensor image = trained.Train.Batch(0, 1);
        Tensor changed = image.clone();
        using Generator rng = new(1, CPU);
        changed.narrow(2, 20, 8).narrow(3, 2, 8).copy_(rand([1, 3, 8, 8], generator: rng));

        Tensor map = detector.HeatMap(changed) - detector.HeatMap(image);

        Assert.Equal([1, 32, 32], map.shape);
        long place = map.flatten().argmax().item<long>();
        Assert.InRange(place / 32, 15, 31);
        Assert.InRange(place % 32, 0, 14);
    }
}
