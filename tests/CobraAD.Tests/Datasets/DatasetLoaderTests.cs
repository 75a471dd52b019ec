using CobraAD.Datasets;
using TorchSharp;

namespace CobraAD.Tests.Datasets;

public sealed class DatasetLoaderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Fact]
    public void A_folder_of_good_images_is_split_at_random()
    {
        folder.Pictures("monday", 10).Pictures("tuesday/evening", 10, first: 100);

        using AnomalyBenchmark benchmark = DatasetLoader.Open(folder.Path);

        Assert.Equal("random split", benchmark.Protocol);
        Assert.Equal((16, 4), (benchmark.Train.Count, benchmark.Test.Count));
        Assert.Empty(benchmark.Train.Sources.Intersect(benchmark.Test.Sources));
        Assert.All(benchmark.TestIsAnomalous, Assert.False);
    }

    [Fact]
    public void Eight_images_all_stay_for_training()
    {
        folder.Pictures(".", 8);

        using AnomalyBenchmark benchmark = DatasetLoader.Open(folder.Path);

        Assert.Equal((8, 0), (benchmark.Train.Count, benchmark.Test.Count));
    }

    [Fact]
    public void The_split_follows_the_seed()
    {
        folder.Pictures(".", 40);

        IReadOnlyList<string> zero = TestSources(0);

        Assert.Equal(zero, TestSources(0));
        Assert.NotEqual(zero, TestSources(1));

        IReadOnlyList<string> TestSources(long seed)
        {
            using AnomalyBenchmark benchmark = DatasetLoader.Open(folder.Path, new DatasetOptions { Seed = seed });
            return benchmark.Test.Sources;
        }
    }

    [Fact]
    public void The_layout_of_mvtec_is_recognised_with_its_masks()
    {
        folder.Pictures("train/good", 9).Pictures("test/good", 2).Pictures("test/scratch", 3);
        string mask = folder.File("ground_truth/scratch/001_mask.png", Picture(255));

        using AnomalyBenchmark benchmark = DatasetLoader.Open(folder.Path);

        Assert.Equal("folder", benchmark.Protocol);
        Assert.Equal(9, benchmark.Train.Count);
        Assert.Equal(["good", "good", "scratch", "scratch", "scratch"], benchmark.TestKinds);
        Assert.Equal([false, false, true, true, true], benchmark.TestIsAnomalous);
        Assert.Equal([null, null, null, mask, null], benchmark.TestMasks);
    }

    [Fact]
    public void In_class_folders_good_is_normal_by_default()
    {
        folder.Pictures("good", 20).Pictures("bent", 3).Pictures("dirty", 2);

        using AnomalyBenchmark benchmark = DatasetLoader.Open(folder.Path);

        Assert.Equal(16, benchmark.Train.Count);
        Assert.Equal(["good", "good", "good", "good", "bent", "bent", "bent", "dirty", "dirty"], benchmark.TestKinds);
    }

    [Fact]
    public void In_class_folders_any_class_can_be_normal()
    {
        folder.Pictures("cat", 10).Pictures("dog", 5);

        using AnomalyBenchmark benchmark = DatasetLoader.Open(folder.Path, new DatasetOptions { NormalClass = "cat" });

        Assert.Equal("one-class", benchmark.Protocol);
        Assert.Equal((8, 7), (benchmark.Train.Count, benchmark.Test.Count));
        Assert.Equal(5, benchmark.TestIsAnomalous.Count(anomalous => anomalous));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Idx_files_are_read_plain_and_zipped(bool zipped)
    {
        folder.Idx("train", [3, 7, 3, 3, 3, 3, 3, 3, 3, 7], zipped).Idx("t10k", [7, 3, 5], zipped);

        using AnomalyBenchmark benchmark = DatasetLoader.Open(folder.Path, new DatasetOptions { NormalClass = "3" });

        Assert.Equal((8, 32), (benchmark.Train.Count, benchmark.Train.Height));
        Assert.Equal(["class 3", "class 7", "class 5"], benchmark.TestKinds);
        Assert.Equal([0, 2, 3, 4, 5, 6, 7, 8], Values(benchmark.Train));
        Assert.Equal([1, 0, 2], Values(benchmark.Test));
    }

    [Fact]
    public void Cifar_10_is_read_with_its_class_names()
    {
        folder.Cifar("data_batch_1.bin", [.. Enumerable.Repeat<byte[]>([3], 9)]).Cifar("test_batch.bin", [1], [3]);
        File.WriteAllLines(Path.Combine(folder.Path, "batches.meta.txt"), ["a", "b", "c", "cat", "e", "f", "g", "h", "i", "j"]);

        using AnomalyBenchmark byName = DatasetLoader.Open(folder.Path, new DatasetOptions { NormalClass = "cat" });
        using AnomalyBenchmark byNumber = DatasetLoader.Open(folder.Path, new DatasetOptions { NormalClass = "3" });

        Assert.Equal(["cat", "b"], byName.TestKinds);
        Assert.Equal([1, 0], Values(byName.Test));
        Assert.Equal(byName.Train.Fingerprint, byNumber.Train.Fingerprint);
    }

    [Theory]
    [InlineData(false, "class 19")]
    [InlineData(true, "class 99")]
    public void Cifar_100_has_super_classes_unless_fine_ones_are_asked_for(bool fine, string kind)
    {
        folder.Cifar("train.bin", [.. Enumerable.Repeat<byte[]>([0, 0], 8)]).Cifar("test.bin", [0, 0], [19, 99]);

        using AnomalyBenchmark benchmark = DatasetLoader.Open(folder.Path, new DatasetOptions { NormalClass = "0", FineLabels = fine });

        Assert.Equal(["class 0", kind], benchmark.TestKinds);
    }

    [Fact]
    public void Cifar_100_has_the_super_classes_of_CSIs_code_where_they_are_asked_for()
    {
        // Dolphin (30) is an aquatic mammal in the files; in CSI's code the elephant (31) is.
        folder.Cifar("train.bin", [.. Enumerable.Repeat<byte[]>([0, 4], 8)]).Cifar("test.bin", [0, 30], [11, 31], [5, 25]);

        using AnomalyBenchmark official = DatasetLoader.Open(folder.Path, new DatasetOptions { NormalClass = "0" });
        using AnomalyBenchmark csi = DatasetLoader.Open(folder.Path, new DatasetOptions { NormalClass = "0", CsiSuperClasses = true });

        Assert.Equal(["class 0", "class 11", "class 5"], official.TestKinds);
        Assert.Equal([0, 1, 2], Values(official.Test));
        Assert.Equal(["class 0", "class 15", "class 5"], csi.TestKinds);
        Assert.Equal([1, 0, 2], Values(csi.Test));
    }

    [Fact]
    public void Another_data_set_can_be_the_anomalies()
    {
        folder.Idx("train", [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]).Idx("t10k", [4, 5]);
        using TemporaryFolder other = new TemporaryFolder().Pictures(".", 3, first: 100);

        using AnomalyBenchmark benchmark = DatasetLoader.Open(folder.Path, new DatasetOptions { AnomalyData = other.Path });

        Assert.Equal("unlabelled multi-class", benchmark.Protocol);
        Assert.Equal(10, benchmark.Train.Count);
        Assert.Equal([false, false, true, true, true], benchmark.TestIsAnomalous);
        Assert.Equal([0, 1, 100, 101, 102], Values(benchmark.Test));
    }

    [Fact]
    public void A_sample_of_the_test_images_is_balanced_and_even_over_the_kinds()
    {
        folder.Pictures("train/good", 20).Pictures("test/good", 20).Pictures("test/a", 10).Pictures("test/b", 2).Pictures("test/c", 10);

        using AnomalyBenchmark benchmark = DatasetLoader.Open(folder.Path, new DatasetOptions { MaxTrain = 9, MaxTest = 20 });

        Assert.Equal(9, benchmark.Train.Count);
        Assert.Equal((10, 4, 2, 4), (Count("good"), Count("a"), Count("b"), Count("c")));

        int Count(string kind) => benchmark.TestKinds.Count(k => k == kind);
    }

    [Theory]
    [InlineData(12, 32)]
    [InlineData(40, 64)]
    [InlineData(65, 224)]
    public void The_default_size_follows_the_images(int side, int size)
    {
        folder.Pictures(".", 8, side: side);

        using AnomalyBenchmark benchmark = DatasetLoader.Open(folder.Path);

        Assert.Equal((size, size), (benchmark.Train.Width, benchmark.Train.Height));
    }

    [Fact]
    public void An_unreadable_image_stops_reading_and_is_named()
    {
        folder.Pictures(".", 12);
        string bad = folder.File("005.png", "garbage"u8.ToArray());
        folder.File("009.png", "garbage"u8.ToArray());

        DatasetException error = Assert.Throws<DatasetException>(() => DatasetLoader.Open(folder.Path, new DatasetOptions { TestFraction = 0 }));

        Assert.Contains(bad, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Unreadable_images_are_skipped_and_listed_when_asked()
    {
        folder.Pictures(".", 12);
        string bad = folder.File("005.png", "garbage"u8.ToArray());

        using AnomalyBenchmark benchmark = DatasetLoader.Open(folder.Path, new DatasetOptions { TestFraction = 0, SkipUnreadable = true });

        Assert.Equal(bad, Assert.Single(benchmark.Skipped).Source);
        Assert.Equal([0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11], Values(benchmark.Train));
        Assert.Equal(11, benchmark.Train.Sources.Count);
    }

    [Fact]
    public void Images_to_score_are_read_with_an_error_for_each_bad_one()
    {
        folder.Pictures("parts", 3);
        string bad = folder.File("bad.jpg", [0xff, 0xd8, 0xff]);

        using ReadImages read = DatasetLoader.ReadImages([bad, Path.Combine(folder.Path, "parts"), "/no/such.png"], 16, framing: null);

        Assert.Equal([0, 1, 2], Values(read.Images));
        Assert.Equal([bad, "/no/such.png"], read.Unreadable.Select(image => image.Source));
    }

    [Fact]
    public void Progress_counts_every_image_once()
    {
        folder.Pictures(".", 20);
        List<DatasetProgress> reports = [];

        using AnomalyBenchmark benchmark = DatasetLoader.Open(folder.Path, progress: new Recorder(reports));

        Assert.Equal(Enumerable.Range(1, 20).Select(i => new DatasetProgress(i, 20)), reports);
    }

    [Fact]
    public void Reading_can_be_cancelled()
    {
        folder.Pictures(".", 20);

        Assert.ThrowsAny<OperationCanceledException>(() => DatasetLoader.Open(folder.Path, cancellation: new CancellationToken(canceled: true)));
    }

    public void Dispose() => folder.Dispose();

    private static byte[] Picture(byte value) => Imaging.Picture.Plain(value);

    /// <summary>The value of each image's first pixel.</summary>
    private static int[] Values(ImageSet set)
    {
        using torch.Tensor batch = set.Batch(0, set.Count);
        using torch.Tensor first = batch.select(3, 0).select(2, 0).select(1, 0).mul(255).round();
        return [.. first.data<float>().ToArray().Select(value => (int)value)];
    }

    private sealed class Recorder(List<DatasetProgress> reports) : IProgress<DatasetProgress>
    {
        public void Report(DatasetProgress value) => reports.Add(value);
    }
}
