using CobraAD.Datasets;
using CobraAD.Methods.Cobra;
using CobraAD.Transforms.Light;
using static TorchSharp.torch;

namespace CobraAD.Tests.Methods.Cobra;

public sealed class MirrorCheckTests
{
    [Fact]
    public void Images_without_a_left_and_a_right_may_be_mirrored()
    {
        using ImageSet blobs = SmallTraining.Images(200);

        Assert.InRange(MirrorCheck.Farther(blobs), 0.4, 0.6);
    }

    [Fact]
    public void Images_that_all_point_one_way_may_not()
    {
        using ImageSet hooks = Hooks(40, mirrored: _ => false);

        double farther = MirrorCheck.Farther(hooks);

        Assert.Equal(1, farther);
        Assert.False(MirrorCheck.Allows(farther));
    }

    [Fact]
    public void The_same_images_may_where_half_of_them_point_the_other_way()
    {
        using ImageSet hooks = Hooks(40, mirrored: i => i % 2 == 1);

        Assert.True(MirrorCheck.Allows(MirrorCheck.Farther(hooks)));
    }

    [Fact]
    public void Where_an_object_stands_says_nothing()
    {
        // A bar is its own mirror image, but it stands left of the middle in every picture.
        using ImageSet bars = Drawn(40, (pixels, i) => pixels[i, .., 4..28, 13..17].fill_(120 + i), side: 32);

        Assert.True(MirrorCheck.Allows(MirrorCheck.Farther(bars)));
    }

    [Fact]
    public void Tiles_of_one_image_are_not_each_others_evidence()
    {
        // Every blob twice: its copy is nearer than any mirror image is to another.
        using ImageSet blobs = SmallTraining.Images(12), tiles = blobs.Tiles(16, [.. Enumerable.Range(0, 24).Select(i => new TilePlace(i / 2, 0, 0))]);

        Assert.Equal(MirrorCheck.Farther(blobs), MirrorCheck.Farther(tiles), 12);
        Assert.True(MirrorCheck.Allows(MirrorCheck.Farther(tiles)));
    }

    [Fact]
    public void Images_without_others_or_without_any_content_say_nothing()
    {
        using ImageSet one = Hooks(1, mirrored: _ => false), flat = Drawn(8, (_, _) => { });

        Assert.Equal(0.5, MirrorCheck.Farther(one));
        Assert.Equal(0.5, MirrorCheck.Farther(flat));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_training_mirrors_its_views_as_the_good_images_say(bool pointing)
    {
        using ImageSet images = Hooks(28, mirrored: i => !pointing && i % 2 == 1);
        CobraOptions options = SmallTraining.Options with { Epochs = 1 };
        using CobraDetector asked = new CobraTrainer(options with { MirrorWhereAlike = true }).Train(images);
        using CobraDetector named = new CobraTrainer(pointing ? options with { Augmentation = new LightAugmentationOptions { FlipProbability = 0 } } : options).Train(images);

        Assert.Equal(!pointing, asked.Card.Health.MayMirror);
        Assert.Null(named.Card.Health.MirroredFarther);
        Assert.Equal(SmallTraining.Weights(named.Network), SmallTraining.Weights(asked.Network));
    }

    [Fact]
    public void Nothing_is_asked_where_nothing_is_mirrored()
    {
        using ImageSet images = Hooks(28, mirrored: _ => false);
        CobraOptions options = SmallTraining.Options with { Epochs = 1, MirrorWhereAlike = true, Augmentation = new LightAugmentationOptions { FlipProbability = 0 } };

        using CobraDetector detector = new CobraTrainer(options).Train(images);

        Assert.Null(detector.Card.Health.MirroredFarther);
        Assert.True(detector.Card.Health.MayMirror);
    }

    /// <summary>Hooks, an upright with a foot to the right, of every brightness.</summary>
    private static ImageSet Hooks(int count, Func<int, bool> mirrored) => Drawn(count, (pixels, i) =>
    {
        pixels[i, .., 3..13, 7..9].fill_(100 + 3 * i);
        pixels[i, .., 11..13, mirrored(i) ? 3..8 : 8..13].fill_(100 + 3 * i);
    });

    private static ImageSet Drawn(int count, Action<Tensor, int> draw, int side = 16)
    {
        Tensor pixels = zeros([count, 3, side, side], ScalarType.Byte);
        for (int i = 0; i < count; i++) draw(pixels, i);
        return new ImageSet("drawn", pixels, [.. Enumerable.Range(0, count).Select(i => $"{i}")]);
    }
}
