using CobraAD.Methods.Released;
using CobraAD.Methods.Shifts;
using CobraAD.Torch;
using CobraAD.Transforms.Light;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Methods.Released;

public sealed class ReleasedViewsTests
{
    private static readonly LightAugmentationOptions NoAugmentation = new() { FlipProbability = 0, JitterProbability = 0, GrayscaleProbability = 0, MinCropArea = 1 };

    [Fact]
    public void Rows_are_shift_major_and_the_first_shift_is_the_image_itself()
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator rng = new RandomStreams(1).Create("views");
        Tensor images = TestImages.Uniform(3, 8);

        Tensor views = ReleasedMethod.Views(new ReleasedOptions { Augmentation = NoAugmentation }).Draw(images, rng);

        Assert.Equal([12, 3, 8, 8], views.shape);
        for (int shift = 0; shift < 4; shift++) TensorAssert.Close(images.rot90(shift, (2, 3)), views.narrow(0, 3 * shift, 3), 0);
    }

    [Fact]
    public void A_crop_in_the_score_has_the_area_that_was_asked_for()
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator rng = new RandomStreams(1).Create("windows");

        (Tensor width, Tensor height) = new ResizedCrop(0.54, 4.0 / 3) { MaxArea = 0.54 }.Windows(200, rng);

        TensorAssert.Close(full([200], 0.54, float64), width * height, 1e-12);
    }

    [Theory]
    [InlineData(ReleasedShift.Rotation, 4)]
    [InlineData(ReleasedShift.Scar, 2)]
    public void The_views_of_the_score_are_the_same_for_an_image_wherever_it_stands_and_have_gradients(ReleasedShift shift, int shifts)
    {
        using DisposeScope scope = NewDisposeScope();
        ReleasedOptions options = new() { Shift = shift, ScoreViews = 3 };
        options = options with { Network = options.Network with { Classes = shifts } };
        ShiftViews views = ReleasedMethod.Views(options);
        Tensor images = TestImages.Uniform(4, 32).requires_grad_();

        Tensor together = views.ForScore(images);
        Tensor alone = views.ForScore(images.narrow(0, 2, 1));
        together.sum().backward();

        Assert.Equal(4 * 3 * shifts, together.size(0));
        TensorAssert.Close(together.narrow(0, 2 * 3 * shifts, 3 * shifts), alone, 0);
        Assert.True((together.narrow(0, 0, 1) - together.narrow(0, 1, 1)).abs().max().item<float>() > 0.01);
        Assert.True(images.grad!.flatten(1).abs().sum([1]).min().item<float>() > 0);
    }

    [Fact]
    public void A_scar_changes_a_small_part_of_an_image_and_another_for_each()
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator rng = new RandomStreams(1).Create("scar");
        Tensor images = TestImages.Uniform(24, 56).mul(0.5).add(0.2);

        Tensor scarred = new ReleasedScar().Apply(images, rng);
        Tensor changed = (scarred - images).abs().amax([1]).gt(1e-4).to(ScalarType.Float32);
        Tensor share = changed.mean([1, 2]);

        // At 224 px the sides are 7 to 40 and 10 to 40 pixels.
        Assert.InRange(share.min().item<float>(), 0.0005, 0.04);
        Assert.InRange(share.max().item<float>(), 0.002, 0.05);
        Assert.InRange(scarred.min().item<float>(), 0, 1);
        Assert.InRange(scarred.max().item<float>(), 0, 1);
        Assert.True((changed.narrow(0, 0, 1) - changed.narrow(0, 1, 1)).abs().sum().item<float>() > 0);
    }

    [Fact]
    public void A_scar_avoids_what_is_too_dark_to_show_it()
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator rng = new RandomStreams(1).Create("scar");
        // Dark but for the right half: nearly every rectangle finds its way there in 20 tries.
        Tensor images = cat([zeros(64, 3, 56, 28), full([64, 3, 56, 28], 0.5)], 3);

        Tensor changed = (new ReleasedScar().Apply(images, rng) - images).abs().sum([1, 2]);

        double left = changed.narrow(1, 0, 24).sum().item<float>(), right = changed.narrow(1, 28, 28).sum().item<float>();
        Assert.True(left < 0.05 * right, $"left {left}, right {right}");
    }
}
