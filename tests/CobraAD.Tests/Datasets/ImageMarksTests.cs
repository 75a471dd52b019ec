using CobraAD.Datasets;
using static TorchSharp.torch;

namespace CobraAD.Tests.Datasets;

public sealed class ImageMarksTests
{
    [Fact]
    public void An_image_is_known_again_from_what_a_model_file_holds()
    {
        using ImageSet trained = Random(seed: 1, count: 6), others = Random(seed: 2, count: 3);
        ImageMarks kept = ImageMarks.Read(trained.Marks.ToString(), trained.Count)!;

        Assert.All(kept.Recognize(trained), recognition => Assert.Equal(Recognition.Same, recognition));
        Assert.All(kept.Recognize(others), recognition => Assert.Equal(Recognition.None, recognition));
    }

    /// <summary>What is kept of more than 5,000 images.</summary>
    [Fact]
    public void Hashes_alone_know_the_same_images_and_no_others()
    {
        using ImageSet trained = Random(seed: 1, count: 6), others = Random(seed: 2, count: 3);
        string hashes = Convert.ToBase64String(Convert.FromBase64String(trained.Marks.ToString()).AsSpan(0, 6 * 8));
        ImageMarks kept = ImageMarks.Read(hashes, trained.Count)!;

        Assert.All(kept.Recognize(trained), recognition => Assert.Equal(Recognition.Same, recognition));
        Assert.All(kept.Recognize(others), recognition => Assert.Equal(Recognition.None, recognition));
        Assert.Equal((6, 6), kept.Variety());
    }

    [Fact]
    public void A_copy_with_a_little_noise_is_almost_the_same()
    {
        using ImageSet trained = Random(seed: 1, count: 4);
        using Tensor noise = randint(-1, 2, [4, 3, 24, 24], dtype: ScalarType.Int16), pixels = trained.Pixels();
        using ImageSet noisy = new("noisy", (pixels.to(ScalarType.Int16) + noise).clamp(0, 255).to(ScalarType.Byte), ["a", "b", "c", "d"]);

        Assert.All(trained.Marks.Recognize(noisy), recognition => Assert.Equal(Recognition.Alike, recognition));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("AAAA")]
    [InlineData("no base64")]
    public void What_does_not_fit_is_as_good_as_nothing(string? text) => Assert.Null(ImageMarks.Read(text, 5));

    [Fact]
    public void Copies_are_counted_once()
    {
        using ImageSet three = Random(seed: 1, count: 3), nine = three.Subset([0, 1, 2, 0, 1, 2, 0, 1, 2]);

        Assert.Equal((3, 3), nine.Marks.Variety());
    }

    private static ImageSet Random(long seed, int count)
    {
        using Tensor images = TestImages.Uniform(count, 24, seed: seed);
        // Blocks of 3 × 3: white noise alone has the same mean everywhere.
        using Tensor blocks = images[.., .., ..8, ..8].repeat_interleave(3, 2).repeat_interleave(3, 3);
        return new ImageSet("random", (blocks * 255).to(ScalarType.Byte), [.. Enumerable.Range(0, count).Select(i => $"{i}")]);
    }
}
