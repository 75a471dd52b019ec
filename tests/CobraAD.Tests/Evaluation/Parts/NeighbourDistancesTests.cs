using CobraAD.Datasets;
using CobraAD.Evaluation.Parts;
using CobraAD.Tests.Methods.Cobra;
using static TorchSharp.torch;

namespace CobraAD.Tests.Evaluation.Parts;

public sealed class NeighbourDistancesTests
{
    private const int Count = 90;

    [Fact]
    public void Among_many_images_each_is_compared_with_some_of_the_others()
    {
        using ImageSet images = SmallTraining.Images(Count);
        int[] groups = [.. Enumerable.Range(0, Count)];
        List<DataCheckProgress> reports = [];

        (double[] all, string whole) = NeighbourDistances.Of(images, groups, null, CPU, null, CancellationToken.None);
        (double[] some, string sampled) = NeighbourDistances.Of(images, groups, null, CPU, new Noted(reports), CancellationToken.None, mostCompared: 40);

        Assert.Equal("pictures of 16 × 16 pixels", whole);
        Assert.Equal("pictures of 16 × 16 pixels, each image beside 40 of the others, drawn at random", sampled);
        // The nearest of some is no nearer than the nearest of all, and for some images it is the same.
        Assert.All(all.Zip(some), pair => Assert.True(pair.Second >= pair.First - 1e-9));
        Assert.Contains(all.Zip(some), pair => Math.Abs(pair.First - pair.Second) < 1e-9);
        Assert.Contains(all.Zip(some), pair => pair.Second > pair.First + 1e-9);
        Assert.All(some, distance => Assert.True(distance > 0));
        Assert.Equal(Count + 40, reports[^1].Done);
        Assert.All(reports, report => Assert.Equal(Count + 40, report.Total));
    }

    [Fact]
    public void Copies_do_not_count_among_some_either()
    {
        using ImageSet drawn = SmallTraining.Images(30), images = drawn.Subset([.. Enumerable.Range(0, Count).Select(i => i % 30)]);
        int[] groups = [.. Enumerable.Range(0, Count).Select(i => i % 30)];

        (double[] distances, _) = NeighbourDistances.Of(images, groups, null, CPU, null, CancellationToken.None, mostCompared: 60);

        Assert.All(distances, distance => Assert.True(distance > 1e-6));
    }

    private sealed class Noted(List<DataCheckProgress> reports) : IProgress<DataCheckProgress>
    {
        public void Report(DataCheckProgress value) => reports.Add(value);
    }
}
