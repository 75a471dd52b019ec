using CobraAD.Datasets;

namespace CobraAD.Tests.Datasets;

public sealed class BadDatasetTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Fact]
    public void An_empty_folder_is_refused() => Refuses("holds no images");

    [Fact]
    public void A_missing_folder_is_refused()
    {
        DatasetException error = Assert.Throws<DatasetException>(() => DatasetLoader.Open(Path.Combine(folder.Path, "nowhere")));

        Assert.Contains("does not exist", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_folder_of_good_images_is_named()
    {
        folder.Pictures("train/screws", 9).Pictures("test/good", 2);

        Refuses(Path.Combine("train", "good"), "screws");
    }

    [Fact]
    public void Class_folders_without_good_need_a_normal_class()
    {
        folder.Pictures("cat", 9).Pictures("dog", 9);

        Refuses(new DatasetOptions { Layout = DatasetLayout.ClassFolders }, "NormalClass", "cat, dog");
    }

    [Fact]
    public void Fewer_than_eight_images_are_refused()
    {
        folder.Pictures(".", 7);

        Refuses("7 normal images", "at least 8");
    }

    [Fact]
    public void Fewer_than_eight_readable_images_are_refused()
    {
        folder.Pictures(".", 8).File("003.png", [1, 2, 3]);

        Refuses(new DatasetOptions { SkipUnreadable = true }, "7 normal images", "at least 8");
    }

    [Fact]
    public void A_folder_of_several_mvtec_sets_is_refused()
    {
        folder.Pictures("bottle/train/good", 9).Pictures("screw/train/good", 9);

        Refuses("bottle, screw");
    }

    [Fact]
    public void A_wrong_magic_number_is_refused()
    {
        folder.Idx("train", [1, 1], magic: 0x0d03);

        Refuses("0x00000d03", "0x00000803", "train-images");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Truncated_idx_is_refused(bool zipped)
    {
        folder.Idx("train", [1, 1, 1], zipped, missingBytes: 5);

        Refuses("truncated", "image 2 of 3");
    }

    [Fact]
    public void A_damaged_gzip_file_is_refused()
    {
        folder.Idx("train", [1, 1, 1], zipped: true);
        string path = Path.Combine(folder.Path, "train-images-idx3-ubyte.gz");
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..20]);

        Refuses("train-images-idx3-ubyte.gz");
    }

    /// <summary>Gzip allows another member after the first; this one is compressed by no method that there is.</summary>
    [Fact]
    public void A_gzip_file_that_is_damaged_behind_its_last_image_is_refused()
    {
        folder.Idx("train", [1, 1, 1], zipped: true);
        string path = Path.Combine(folder.Path, "train-images-idx3-ubyte.gz");
        File.WriteAllBytes(path, [.. File.ReadAllBytes(path), 0x1f, 0x8b, 9, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4]);

        Refuses("train-images-idx3-ubyte.gz", "is damaged");
    }

    [Fact]
    public void Different_numbers_of_images_and_labels_are_refused()
    {
        folder.Idx("train", [1, 1, 1], claimedImages: 2);

        Refuses("2 images", "3 labels");
    }

    [Fact]
    public void Missing_labels_are_named()
    {
        folder.Idx("train", [1, 1, 1]);
        File.Delete(Path.Combine(folder.Path, "train-labels-idx1-ubyte"));

        Refuses("train-labels-idx1-ubyte");
    }

    [Fact]
    public void Truncated_cifar_is_refused()
    {
        folder.Cifar("data_batch_1.bin", [1], [2]);
        string path = Path.Combine(folder.Path, "data_batch_1.bin");
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..^1]);

        Refuses("data_batch_1.bin", "6145 bytes", "3073");
    }

    [Fact]
    public void A_label_that_cifar_does_not_have_is_refused()
    {
        folder.Cifar("data_batch_1.bin", [1], [10]);

        Refuses("image 1 has label 10");
    }

    [Theory]
    [InlineData("12")]
    [InlineData("trouser")]
    public void An_unknown_class_is_refused_with_the_known_ones(string normalClass)
    {
        folder.Idx("train", [0, 1, 2]);

        Refuses(new DatasetOptions { NormalClass = normalClass }, normalClass, "class 0, class 1, class 2");
    }

    [Fact]
    public void A_header_that_claims_more_than_memory_is_refused_with_both_amounts()
    {
        folder.Idx("train", [1], claimedImages: 1);

        Refuses(new DatasetOptions { NormalClass = "1", MemoryLimit = 15 }, "0.0 MB are needed", "0.0 MB are available", "MemoryLimit");
    }

    [Theory]
    [MemberData(nameof(OptionsOutsideTheirRange))]
    public void Options_outside_their_range_are_refused_by_name(string name, DatasetOptions options)
    {
        ArgumentOutOfRangeException error = Assert.Throws<ArgumentOutOfRangeException>(options.Validate);

        Assert.Equal(name, error.ParamName);
    }

    public static TheoryData<string, DatasetOptions> OptionsOutsideTheirRange => new()
    {
        { "ImageSize", new DatasetOptions { ImageSize = 7 } },
        { "TestFraction", new DatasetOptions { TestFraction = 1 } },
        { "TestFraction", new DatasetOptions { TestFraction = double.NaN } },
        { "MaxTrain", new DatasetOptions { MaxTrain = 7 } },
        { "MaxTest", new DatasetOptions { MaxTest = 1 } },
        { "MemoryLimit", new DatasetOptions { MemoryLimit = 0 } },
        { "CacheFolder", new DatasetOptions { CacheFolder = "" } },
        { "MaxPixels", new DatasetOptions { MaxPixels = 0 } },
    };

    public void Dispose() => folder.Dispose();

    private void Refuses(params string[] words) => Refuses(new DatasetOptions(), words);

    private void Refuses(DatasetOptions options, params string[] words)
    {
        DatasetException error = Assert.Throws<DatasetException>(() => DatasetLoader.Open(folder.Path, options));

        Assert.All(words, word => Assert.Contains(word, error.Message, StringComparison.Ordinal));
    }
}
