using CobraAD.PseudoAnomalies.Sources;
using CobraAD.PseudoAnomalies.Textures;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.PseudoAnomalies.Sources;

public sealed class PerlinAnomaliesTests
{
    private static readonly PerlinAnomalies Source = new(new ProceduralTextures());

    [Fact]
    public void Nothing_changes_outside_of_the_mask_and_something_inside()
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator rng = new(1, CPU);
        Tensor normals = TestImages.Uniform(12, 32), before = normals.clone();

        (Tensor images, Tensor masks) = Source.CraftWithMasks(normals, rng);

        TensorAssert.SameBits(before, normals);
        Assert.Equal([12, 1, 32, 32], masks.shape);
        Assert.True((masks.eq(0) | masks.eq(1)).all().item<bool>());
        Assert.True(masks.amax([1, 2, 3]).eq(1).all().item<bool>());
        TensorAssert.SameBits(normals * (1 - masks), images * (1 - masks));
        Assert.True(((images - normals) * masks).abs().amax([1, 2, 3]).gt(0.01).all().item<bool>());
        Assert.True(images.min().item<float>() >= 0 && images.max().item<float>() <= 1);
    }

    [Fact]
    public void At_least_a_fifth_of_the_texture_shows()
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator rng = new(4, CPU);

        // Black textures on white: what is left of the white is β.
        (Tensor images, Tensor masks) = new PerlinAnomalies(new Black()).CraftWithMasks(ones(40, 3, 16, 16), rng);
        float[] blends = images.masked_select(masks.expand_as(images).gt(0)).data<float>().ToArray();

        Assert.InRange(blends.Min(), 0, 0.1f);
        // An inverted texture is white, and an inverted and darkened one grey.
        Assert.Contains(blends, blend => blend is > 0.5f and < 0.8f);
    }

    [Fact]
    public void The_same_seed_gives_the_same_anomalies_and_the_name_says_what_they_are()
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator first = new(5, CPU), second = new(5, CPU);
        Tensor normals = TestImages.Uniform(4, 16);

        TensorAssert.SameBits(Source.Craft(normals, first), Source.Craft(normals, second));
        Assert.Equal("procedural textures in masks of Perlin noise", Source.Name);
    }

    [Theory]
    [InlineData(8)]
    [InlineData(32)]
    [InlineData(256)]
    public void Masks_cover_a_part_of_images_of_any_size(int side)
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator rng = new(6, CPU);

        double[] shares = [.. Enumerable.Range(0, 30).Select(_ => (double)PerlinAnomalies.Mask(side, side, rng).mean().item<float>())];

        Assert.All(shares, share => Assert.InRange(share, 1e-9, 0.7));
        Assert.InRange(shares.Average(), 0.01, 0.3);
    }

    private sealed class Black : ITextureSource
    {
        public string Name => "black";

        public Tensor Draw(int height, int width, Generator rng) => zeros(1, 3, height, width);
    }
}
