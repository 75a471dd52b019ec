using CobraAD.Datasets;
using CobraAD.PseudoAnomalies.Textures;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.PseudoAnomalies.Textures;

public sealed class TextureTests
{
    [Fact]
    public void Procedural_textures_are_images_that_vary_and_repeat_with_the_seed()
    {
        using DisposeScope scope = NewDisposeScope();
        ProceduralTextures source = new();
        using Generator first = new(1, CPU), second = new(1, CPU);

        Tensor[] textures = [.. Enumerable.Range(0, 24).Select(_ => source.Draw(24, 32, first))];

        Assert.All(textures, texture =>
        {
            Assert.Equal([1, 3, 24, 32], texture.shape);
            Assert.InRange(texture.min().item<float>(), 0, 1);
            Assert.InRange(texture.max().item<float>(), 0, 1);
            Assert.True(texture.std().item<float>() > 1e-3);
            TensorAssert.SameBits(texture, source.Draw(24, 32, second));
        });
    }

    [Fact]
    public void Augmented_textures_stay_images_and_differ()
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator rng = new(3, CPU);
        Tensor texture = TestImages.Uniform(1, 16), before = texture.clone();

        Tensor[] changed = [.. Enumerable.Range(0, 40).Select(_ => TextureAugmentation.Apply(texture, rng))];

        TensorAssert.SameBits(before, texture);
        Assert.All(changed, image => Assert.True(image.isfinite().all().item<bool>() && image.min().item<float>() >= 0 && image.max().item<float>() <= 1));
        Assert.True(changed.Select(image => image.sum().item<float>()).Distinct().Count() > 30);
    }

    [Fact]
    public void Equalizing_gives_ranks_and_stretching_the_whole_range()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor image = tensor(new[] { 0.2f, 0.4f, 0.4f, 0.3f }).view(1, 1, 2, 2).expand(1, 3, 2, 2);

        Assert.Equal([0.25f, 1, 1, 0.5f], TextureAugmentation.Equalized(image)[0, 1].flatten().data<float>().ToArray());
        TensorAssert.Close(tensor(new[] { 0f, 1, 1, 0.5f }).view(1, 1, 2, 2).expand(1, 3, 2, 2), TextureAugmentation.Stretched(image), 1e-6);
    }

    [Fact]
    public void A_folder_gives_its_own_images_at_their_size()
    {
        using DisposeScope scope = NewDisposeScope();
        using ImageSet images = new("bark", stack([full([3, 8, 8], 51, ScalarType.Byte), full([3, 8, 8], 102, ScalarType.Byte)]), ["a", "b"]);
        using Generator rng = new(1, CPU);
        FolderTextures source = new(images);

        float[] drawn = [.. Enumerable.Range(0, 20).Select(_ => source.Draw(8, 8, rng)[0, 0, 0, 0].item<float>()).Distinct().Order()];

        Assert.Equal([0.2f, 0.4f], drawn);
        Assert.Equal("2 textures of bark", source.Name);
        Assert.Throws<ArgumentException>(() => source.Draw(16, 16, rng));
    }
}
