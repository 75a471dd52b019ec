using CobraAD.Datasets;
using CobraAD.Imaging;
using CobraAD.Tests.Imaging;
using SkiaSharp;

namespace CobraAD.Tests.Datasets;

public sealed class TrainingRemarksTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Images_that_vary_are_nothing_to_speak_of()
    {
        for (int i = 0; i < 10; i++) folder.File($"{i}.png", Picture.Encode(SKEncodedImageFormat.Png, 12 + i, 20 - i));

        Assert.Empty(Remarks());
    }

    [Fact]
    public void Copies_of_one_picture_are_said()
    {
        for (int i = 0; i < 10; i++) folder.File($"{i}.png", Picture.Encode(SKEncodedImageFormat.Png, 20, 20));

        Assert.Contains("All 10 training images are the same picture", Assert.Single(Remarks()), StringComparison.Ordinal);
    }

    [Fact]
    public void Some_copies_are_counted()
    {
        for (int i = 0; i < 12; i++) folder.File($"{i:00}.png", Picture.Encode(SKEncodedImageFormat.Png, 12 + 2 * (i / 2), 20));

        Assert.Contains(Remarks(), remark => remark.StartsWith("Only 6 of the 12", StringComparison.Ordinal));
    }

    [Fact]
    public void Twelve_bits_in_sixteen_are_said()
    {
        for (int i = 0; i < 10; i++) folder.File($"{i}.png", Picture.EncodeDeepPng(16, 16, 1, (x, y, _) => (257 * x + 31 * y * (i + 1)) % 4096));

        using AnomalyBenchmark whole = DatasetLoader.Open(folder.Path, new DatasetOptions { Framing = new Framing { Window = DepthWindow.Full } });
        Assert.Contains(whole.Remarks(), remark => remark.Contains("grey levels 0 to 1", StringComparison.Ordinal));
        // By default the range that they use is stretched.
        Assert.DoesNotContain(Remarks(), remark => remark.Contains("grey levels", StringComparison.Ordinal));
    }

    [Fact]
    public void A_training_image_among_the_test_images_is_named()
    {
        Save("train/good", 20);
        folder.File("test/good/copy.png", File.ReadAllBytes(folder.File("train/good/03.png")));
        folder.File("test/rust/copy.png", File.ReadAllBytes(folder.File("train/good/04.png")));

        IReadOnlyList<string> remarks = Remarks();

        Assert.Contains(remarks, remark => remark.StartsWith("1 good test image is among the training images too", StringComparison.Ordinal) && remark.Contains("good/copy.png", StringComparison.Ordinal));
        Assert.Contains(remarks, remark => remark.Contains("defects are trained on as good parts", StringComparison.Ordinal) && remark.Contains("rust/copy.png", StringComparison.Ordinal));
    }

    [Fact]
    public void An_image_in_other_light_is_named()
    {
        Save("train/good", 40);
        folder.File("train/good/zz.png", Picture.EncodeDeepPng(32, 32, 1, (x, y, _) => 257 * (x * y % 50)));

        Assert.Contains(Remarks(), remark => remark.StartsWith("1 of the 41 training images is exposed otherwise", StringComparison.Ordinal) && remark.Contains("zz.png", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(-15, "darker")]
    [InlineData(15, "brighter")]
    [InlineData(0, null)]
    public void Good_test_images_in_another_light_are_said(int difference, string? expected)
    {
        Save("train/good", 30);
        Save("test/good", 12, difference, seed: 100);
        Save("test/rust", 3, 40, seed: 200);

        string? remark = Remarks().SingleOrDefault(text => text.StartsWith("The good test images are", StringComparison.Ordinal));

        Assert.Equal(expected, remark?.Split(' ')[5]);
        if (expected is not null) Assert.Contains("in 100 of 100 pairs", remark, StringComparison.Ordinal);
    }

    /// <summary>Textures of about one brightness, each of its own.</summary>
    private void Save(string name, int count, int brighter = 0, int seed = 0)
    {
        for (int i = 0; i < count; i++)
        {
            Random random = new(seed + i);
            folder.File($"{name}/{i:00}.png", Picture.EncodeDeepPng(32, 32, 1, (_, _, _) => 257 * (100 + brighter + i % 7 + random.Next(100))));
        }
    }

    private IReadOnlyList<string> Remarks()
    {
        using AnomalyBenchmark data = DatasetLoader.Open(folder.Path, new DatasetOptions { ImageSize = 32, TestFraction = 0 });
        return data.Remarks();
    }
}
