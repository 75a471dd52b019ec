using CobraAD.Datasets;

namespace CobraAD.Tests.Datasets;

public sealed class LabelledImagesTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_folder_for_each_class_is_labelled_by_its_folders_and_split_within_each()
    {
        folder.Pictures("cat", 10).Pictures("dog", 20);

        using LabelledImages images = DatasetLoader.OpenLabelled(folder.Path);

        Assert.Equal(["cat", "dog"], images.Classes);
        Assert.Equal(27, images.Train.Count);
        Assert.Equal([0L, 1L, 1L], images.HeldOutLabels);
        Assert.All(images.Train.Sources.Zip(images.TrainLabels), pair => Assert.Contains(images.Classes[(int)pair.Second], pair.First, StringComparison.Ordinal));
        Assert.Empty(images.Train.Sources.Intersect(images.HeldOut.Sources));
    }

    [Fact]
    public void The_test_part_of_a_data_set_is_held_out()
    {
        folder.Idx("train", [.. Enumerable.Range(0, 20).Select(i => (byte)(i % 2 * 3))]).Idx("t10k", [0, 3, 3]);

        using LabelledImages images = DatasetLoader.OpenLabelled(folder.Path);

        Assert.Equal(["class 0", "class 3"], images.Classes);
        Assert.Equal(20, images.Train.Count);
        Assert.Equal([0L, 1L, 1L], images.HeldOutLabels);
    }

    [Fact]
    public void A_class_that_is_left_out_is_in_neither_part()
    {
        folder.Pictures("cat", 10).Pictures("dog", 20).Pictures("owl", 10);

        using LabelledImages images = DatasetLoader.OpenLabelled(folder.Path, new LabelledDatasetOptions { ExcludedClasses = ["dog"] });

        Assert.Equal(["cat", "owl"], images.Classes);
        Assert.Equal(["dog"], images.ExcludedClasses);
        Assert.DoesNotContain(images.Train.Sources.Concat(images.HeldOut.Sources), source => source.Contains("dog", StringComparison.Ordinal));
    }

    [Fact]
    public void CIFAR_100_has_its_fine_classes_unless_the_coarse_ones_are_asked_for()
    {
        folder.Cifar("train.bin", [.. Enumerable.Range(0, 12).Select(i => new[] { (byte)(i % 2), (byte)(i % 3) })]);

        using LabelledImages fine = DatasetLoader.OpenLabelled(folder.Path);
        using LabelledImages coarse = DatasetLoader.OpenLabelled(folder.Path, new LabelledDatasetOptions { FineLabels = false });

        Assert.Equal(3, fine.Classes.Count);
        Assert.Equal(2, coarse.Classes.Count);
        Assert.NotEqual(fine.Fingerprint, coarse.Fingerprint);
    }

    [Fact]
    public void Limits_are_kept_evenly_over_the_classes_and_by_the_seed()
    {
        folder.Pictures("cat", 20).Pictures("dog", 40);
        LabelledDatasetOptions options = new() { MaxTrain = 10, MaxHeldOut = 2 };

        using LabelledImages images = DatasetLoader.OpenLabelled(folder.Path, options);
        using LabelledImages again = DatasetLoader.OpenLabelled(folder.Path, options);
        using LabelledImages other = DatasetLoader.OpenLabelled(folder.Path, options with { Seed = 5 });

        Assert.Equal(5, images.TrainLabels.Count(label => label == 0));
        Assert.Equal(10, images.Train.Count);
        Assert.Equal(2, images.HeldOut.Count);
        Assert.Equal(images.Fingerprint, again.Fingerprint);
        Assert.NotEqual(images.Fingerprint, other.Fingerprint);
    }

    [Fact]
    public void One_class_alone_is_refused()
    {
        folder.Pictures("cat", 10).Pictures("dog", 10);

        DatasetException exception = Assert.Throws<DatasetException>(() => DatasetLoader.OpenLabelled(folder.Path, new LabelledDatasetOptions { ExcludedClasses = ["dog"] }));

        Assert.Contains("at least 2 are needed", exception.Message, StringComparison.Ordinal);
        Assert.Contains("dog", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_class_cannot_be_left_out()
    {
        folder.Pictures("cat", 10).Pictures("dog", 10);

        Assert.Contains("no class 'owl'", Assert.Throws<DatasetException>(() => DatasetLoader.OpenLabelled(folder.Path, new LabelledDatasetOptions { ExcludedClasses = ["owl"] })).Message, StringComparison.Ordinal);
    }
}
