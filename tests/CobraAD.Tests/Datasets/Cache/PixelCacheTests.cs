using CobraAD.Datasets;
using CobraAD.Datasets.Cache;
using CobraAD.Datasets.Formats;
using CobraAD.Detection;
using CobraAD.Imaging;
using CobraAD.Methods.Cobra;
using CobraAD.Tests.Imaging;
using CobraAD.Tests.Methods.Cobra;
using TorchSharp;

namespace CobraAD.Tests.Datasets.Cache;

public sealed class PixelCacheTests : IDisposable
{
    private const int Side = 16;

    private readonly TemporaryFolder folder = new();
    private readonly TemporaryFolder cache = new();

    public void Dispose()
    {
        folder.Dispose();
        cache.Dispose();
    }

    [Fact]
    public void A_set_in_a_file_gives_the_batches_of_one_in_memory()
    {
        folder.Pictures("train/good", 20).Pictures("test/good", 3, first: 60).Pictures("test/bad", 3, first: 90);
        using AnomalyBenchmark held = Open(cached: false), filed = Open();
        long[] chosen = [7, 0, 7, 19, 3];

        using torch.Tensor wanted = held.Train.Batch(chosen), found = filed.Train.Batch(chosen);
        using ImageSet wantedPart = held.Train.Subset([9, 2, 5, 5]), foundPart = filed.Train.Subset([9, 2, 5, 5]), foundSmaller = foundPart.Subset([3, 1]);

        Assert.True(held.Train.IsInMemory && !filed.Train.IsInMemory && !foundPart.IsInMemory);
        Assert.True(wanted.Equals(found));
        Assert.Equal(held.Train.Fingerprint, filed.Train.Fingerprint);
        Assert.Equal(held.Test.Fingerprint, filed.Test.Fingerprint);
        Assert.Equal(held.Train.Sources, filed.Train.Sources);
        Assert.Equal(wantedPart.Fingerprint, foundPart.Fingerprint);
        Assert.Equal([wantedPart.Sources[3], wantedPart.Sources[1]], foundSmaller.Sources);
        Assert.Equal(held.Train.InterleavedPixels(5), foundSmaller.InterleavedPixels(0));
        Assert.Equal(held.Remarks(), filed.Remarks());
        Assert.Equal(held.Train.Marks.ToString(), filed.Train.Marks.ToString());
    }

    [Fact]
    public void A_set_with_the_longest_of_names_has_a_file()
    {
        string name = new('n', 255);
        folder.Pictures(name, 10);

        using AnomalyBenchmark filed = DatasetLoader.Open(folder.File(name), new DatasetOptions { ImageSize = Side, CacheFolder = cache.Path });

        Assert.False(filed.Train.IsInMemory);
        Assert.NotEmpty(Directory.GetFiles(cache.Path, "nnn*"));
    }

    [Fact]
    public void A_part_outlives_the_set_that_it_is_of()
    {
        folder.Pictures(".", 10);
        AnomalyBenchmark benchmark = Open();
        using ImageSet part = benchmark.Train.Subset([0, 1]);
        byte[] wanted = part.InterleavedPixels(1);

        benchmark.Dispose();

        Assert.Equal(wanted, part.InterleavedPixels(1));
    }

    [Fact]
    public void Training_from_a_file_is_training_from_memory_to_the_bit()
    {
        folder.Pictures(".", 36, side: Side);
        using AnomalyBenchmark held = Open(cached: false), filed = Open();

        using CobraDetector wanted = new CobraTrainer(SmallTraining.Options).Train(held.Train), found = new CobraTrainer(SmallTraining.Options).Train(filed.Train);

        Assert.Equal(SmallTraining.Weights(wanted.Network), SmallTraining.Weights(found.Network));
        Assert.Equal(wanted.Threshold, found.Threshold);
        Assert.Equal(wanted.ScoreAll(held.Test), found.ScoreAll(filed.Test));
    }

    [Fact]
    public void Sets_larger_than_the_memory_that_they_may_take_are_in_a_file_of_their_own_accord()
    {
        folder.Pictures(".", 20);

        using AnomalyBenchmark narrow = DatasetLoader.Open(folder.Path, new DatasetOptions { ImageSize = Side, MemoryLimit = (20 * 3 * Side * Side) - 1 });
        using AnomalyBenchmark wide = DatasetLoader.Open(folder.Path, new DatasetOptions { ImageSize = Side, MemoryLimit = 20 * 3 * Side * Side });

        Assert.False(narrow.Train.IsInMemory);
        Assert.True(wide.Train.IsInMemory);
        Assert.Equal(wide.Train.Fingerprint, narrow.Train.Fingerprint);
    }

    [Fact]
    public void A_file_that_is_not_to_stay_has_no_name()
    {
        folder.Pictures(".", 4);

        using ImageSet images = Decode(new PixelCache(cache.Path, isKept: false));

        Assert.Empty(Directory.EnumerateFileSystemEntries(cache.Path));
        Assert.Equal(4, images.Count);
        Assert.Equal(2, images.InterleavedPixels(2)[0]);
    }

    [Fact]
    public void The_same_images_are_decoded_once()
    {
        folder.Pictures(".", 4);
        using (Decode()) { }
        // Other pixels that no look at the file can tell.
        string second = Path.Combine(folder.Path, "001.png");
        DateTime time = File.GetLastWriteTimeUtc(second);
        byte[] other = Picture.Plain(2, 12, 12);
        Assert.Equal(new FileInfo(second).Length, other.Length);
        File.WriteAllBytes(second, other);
        File.SetLastWriteTimeUtc(second, time);

        using ImageSet images = Decode();

        Assert.Equal(1, images.InterleavedPixels(1)[0]);
    }

    [Fact]
    public void A_file_of_other_images_is_made_anew()
    {
        folder.Pictures(".", 4);
        using (Decode()) { }
        string made = PixelFilePath();

        folder.File("001.png", Picture.Plain(200, 12, 12));
        File.SetLastWriteTimeUtc(Path.Combine(folder.Path, "001.png"), DateTime.UtcNow.AddMinutes(1));
        using (ImageSet changed = Decode()) Assert.Equal(200, changed.InterleavedPixels(1)[0]);
        folder.File("004.png", Picture.Plain(100, 12, 12));
        using (ImageSet grown = Decode()) Assert.Equal((5, 100), (grown.Count, grown.InterleavedPixels(4)[0]));

        Assert.Equal(made, PixelFilePath());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    [InlineData(3000)]
    public void A_damaged_file_is_made_anew(int kept)
    {
        folder.Pictures(".", 4);
        using (Decode()) { }
        byte[] whole = File.ReadAllBytes(PixelFilePath());
        Assert.True(whole.Length > kept);
        File.Delete(PixelFilePath());
        File.WriteAllBytes(Path.Combine(cache.Path, "x"), whole[..kept]);
        File.Move(Path.Combine(cache.Path, "x"), Path.Combine(cache.Path, NameOfFile()));

        using ImageSet images = Decode();

        Assert.Equal(3, images.InterleavedPixels(3)[0]);

        string NameOfFile()
        {
            using (Decode()) { }
            string path = PixelFilePath();
            File.Delete(path);
            return Path.GetFileName(path);
        }
    }

    [Fact]
    public void A_disk_that_fills_up_in_the_middle_is_said_and_nothing_is_left()
    {
        folder.Pictures(".", 8);
        int written = 0;
        PixelCache full = new(cache.Path, isKept: true)
        {
            Write = (file, bytes, offset) =>
            {
                if (Interlocked.Increment(ref written) > 3) throw new IOException("No space left on device", 28);
                RandomAccess.Write(file, bytes, offset);
            },
        };

        DatasetException error = Assert.Throws<DatasetException>(() => Decode(full));

        Assert.Contains($"cannot be kept in '{cache.Path}': No space left on device. They take 0.0 MB.", error.Message, StringComparison.Ordinal);
        Assert.Contains("CacheFolder", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Files(), path => path.EndsWith(".pixels", StringComparison.Ordinal) || path.EndsWith(".partial", StringComparison.Ordinal));
        using ImageSet later = Decode();
        Assert.Equal(7, later.InterleavedPixels(7)[0]);
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_said()
    {
        folder.Pictures(".", 8);
        string file = cache.File("taken", [1]);

        DatasetException error = Assert.Throws<DatasetException>(() => Decode(new PixelCache(Path.Combine(file, "below"), isKept: true)));

        Assert.Contains("cannot be kept in", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cancelled_decoding_leaves_nothing_and_starts_anew()
    {
        folder.Pictures(".", 40);
        using CancellationTokenSource source = new();
        PixelCache stopped = new(cache.Path, isKept: true)
        {
            Write = (file, bytes, offset) =>
            {
                source.Cancel();
                RandomAccess.Write(file, bytes, offset);
            },
        };

        Assert.ThrowsAny<OperationCanceledException>(() => Decode(stopped, cancellation: source.Token));

        Assert.DoesNotContain(Files(), path => !path.EndsWith(".lock", StringComparison.Ordinal));
        using ImageSet later = Decode();
        Assert.Equal(39, later.InterleavedPixels(39)[0]);
    }

    [Fact]
    public void What_a_killed_process_left_is_written_over()
    {
        folder.Pictures(".", 4);
        using (Decode()) { }
        string path = PixelFilePath();
        File.Move(path, path + ".partial");
        File.AppendAllText(path + ".partial", "and more");

        using ImageSet images = Decode();

        Assert.Equal(3, images.InterleavedPixels(3)[0]);
        Assert.False(File.Exists(path + ".partial"));
    }

    [Fact]
    public void An_unreadable_image_is_the_same_error_from_the_file_as_from_the_images()
    {
        folder.Pictures(".", 4);
        folder.File("002.png", [1, 2, 3]);

        DatasetException first = Assert.Throws<DatasetException>(() => Decode());
        Assert.DoesNotContain(Files(), path => path.EndsWith(".pixels", StringComparison.Ordinal));
        using (ImageSet skipped = Decode(skip: true)) Assert.Equal((3, 3), (skipped.Count, skipped.InterleavedPixels(2)[0]));
        DatasetException later = Assert.Throws<DatasetException>(() => Decode());

        Assert.Equal(first.Message, later.Message);
        using AnomalyBenchmark held = DatasetLoader.Open(Filled(), new DatasetOptions { ImageSize = Side, SkipUnreadable = true });
        using AnomalyBenchmark filed = DatasetLoader.Open(Filled(), new DatasetOptions { ImageSize = Side, SkipUnreadable = true, CacheFolder = cache.Path });
        Assert.Equal(held.Skipped, filed.Skipped);
        Assert.Equal(held.Train.Sources, filed.Train.Sources);
    }

    [Fact]
    public void Two_at_once_make_one_file()
    {
        folder.Pictures(".", 60);
        int written = 0;
        PixelCache counting = new(cache.Path, isKept: true)
        {
            Write = (file, bytes, offset) =>
            {
                Interlocked.Increment(ref written);
                RandomAccess.Write(file, bytes, offset);
            },
        };

        ImageSet[] sets = new ImageSet[3];
        Parallel.For(0, sets.Length, i => sets[i] = Decode(counting));

        Assert.Equal(62, written);
        foreach (ImageSet set in sets)
        {
            Assert.Equal(59, set.InterleavedPixels(59)[0]);
            set.Dispose();
        }
    }

    [Fact]
    public void Sets_of_one_name_and_sizes_of_one_set_have_files_of_their_own()
    {
        folder.Pictures("a/parts", 10).Pictures("b/parts", 10, first: 100);
        int[] sizes = [8, Side];

        foreach (int size in sizes)
        {
            foreach (string line in (string[])["a", "b"])
            {
                using AnomalyBenchmark opened = DatasetLoader.Open(Path.Combine(folder.Path, line, "parts"), new DatasetOptions { ImageSize = size, CacheFolder = cache.Path });
                Assert.InRange(opened.Train.InterleavedPixels(0)[0], line == "a" ? 0 : 100, line == "a" ? 9 : 109);
            }
        }

        Assert.Equal(8, Files().Count(path => path.EndsWith(".pixels", StringComparison.Ordinal)));
    }

    private string Filled()
    {
        for (int i = 10; i < 20; i++) folder.File($"{i:000}.png", Picture.Plain((byte)i, 12, 12));
        return folder.Path;
    }

    private string[] Files() => Directory.GetFiles(cache.Path);

    private string PixelFilePath() => Assert.Single(Files(), path => path.EndsWith(".pixels", StringComparison.Ordinal));

    private AnomalyBenchmark Open(bool cached = true) => DatasetLoader.Open(folder.Path, new DatasetOptions { ImageSize = Side, CacheFolder = cached ? cache.Path : null });

    private ImageSet Decode(PixelCache? with = null, bool skip = false, CancellationToken cancellation = default)
    {
        CatalogItem[] items = [.. ImageFiles.InFolder(folder.Path).Select(path => CatalogItem.FromFile(path, Catalog.Good, CatalogPart.Undivided))];
        return new ItemDecoder(new ImageReader(), new Framing(), items.Length, skip, null, cancellation) { Cache = with ?? new PixelCache(cache.Path, isKept: true) }.Decode("parts", items, Side, out _);
    }
}
