using System.Text.Json;
using CobraAD.Tests.Golden;
using CobraAD.Transforms;
using CobraAD.Transforms.Light;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Transforms.Light;

public sealed class LightAugmentationTests
{
    private static readonly JsonElement Golden = GoldenFile.Read("transforms.json");

    [Fact]
    public void Colour_conversion_matches_the_reference()
    {
        using var scope = NewDisposeScope();
        JsonElement file = Golden.GetProperty("rgb_hsv");

        (Tensor hue, Tensor saturation, Tensor value) = HueSaturationValue.FromRgb(Pixels(file.GetProperty("rgb")));

        AssertClose(Pixels(file.GetProperty("hsv")), cat([hue, saturation, value], 1));
        AssertClose(Pixels(file.GetProperty("rgb_back")), HueSaturationValue.ToRgb(hue, saturation, value));
    }

    [Fact]
    public void Hue_saturation_value_jitter_matches_the_reference()
    {
        using var scope = NewDisposeScope();
        JsonElement file = Golden.GetProperty("hsv_jitter");
        Tensor images = Pixels(file.GetProperty("rgb"));

        foreach (JsonElement example in file.GetProperty("cases").EnumerateArray())
        {
            Tensor hueShift = Factor(example.GetProperty("f_h").GetDouble() * 255 / 360);
            Tensor result = HueSaturationValue.Adjust(images, hueShift, Factor(example.GetProperty("f_s").GetDouble()), Factor(example.GetProperty("f_v").GetDouble()));
            AssertClose(Pixels(example.GetProperty("out")), result);
        }
    }

    [Fact]
    public void Contrast_matches_the_reference()
    {
        using var scope = NewDisposeScope();
        JsonElement file = Golden.GetProperty("contrast");
        Tensor image = file.GetProperty("image").Array().unsqueeze(0);

        foreach (JsonElement example in file.GetProperty("cases").EnumerateArray())
            AssertClose(example.GetProperty("out").Array().unsqueeze(0), ColorJitter.Contrast(image, Factor(example.GetProperty("factor").GetDouble())));
    }

    [Fact]
    public void Grayscale_and_flip_match_the_reference()
    {
        using var scope = NewDisposeScope();
        using Generator rng = new(1, CPU);
        JsonElement gray = Golden.GetProperty("gray"), flip = Golden.GetProperty("hflip_grid");

        AssertClose(gray.GetProperty("out").Array().unsqueeze(0), new Grayscale(1).Apply(gray.GetProperty("image").Array().unsqueeze(0), rng));
        AssertClose(flip.GetProperty("out").Array().unsqueeze(0), new HorizontalFlip(1).Apply(flip.GetProperty("image").Array().unsqueeze(0), rng), 1e-6);
    }

    [Fact]
    public void Resized_crops_match_the_reference()
    {
        using var scope = NewDisposeScope();
        JsonElement file = Golden.GetProperty("resized_crop");
        Tensor image = file.GetProperty("image").Array().unsqueeze(0);

        foreach (JsonElement example in file.GetProperty("cases").EnumerateArray())
        {
            Tensor result = Resampling.Crop(image, Number("w"), Number("h"), Number("tx"), Number("ty"));
            AssertClose(example.GetProperty("out").Array().reshape(1, 3, 4, 4), result);

            Tensor Number(string name) => tensor([example.GetProperty(name).GetDouble()]);
        }
    }

    [Fact]
    public void Crop_windows_keep_the_drawn_area_inside_the_image()
    {
        using var scope = NewDisposeScope();
        using Generator rng = new(1, CPU);

        (Tensor width, Tensor height) = new ResizedCrop(0.8, 4.0 / 3).Windows(20000, rng);

        Tensor area = width * height, aspect = width / height;
        Assert.InRange(area.min().item<double>(), 0.8 - 1e-12, 0.801);
        Assert.InRange(area.max().item<double>(), 0.999, 1 + 1e-12);
        Assert.Equal(0.9, area.mean().item<double>(), 0.002);
        Assert.InRange(width.maximum(height).max().item<double>(), 0.99, 1 + 1e-12);
        Assert.InRange(aspect.max().item<double>(), 1.2, 1.25 + 1e-12);
        Assert.Equal(0, aspect.log().mean().item<double>(), 0.002);
    }

    [Fact]
    public void Grey_and_black_pixels_have_a_finite_gradient_that_is_exact_along_the_grey_axis()
    {
        using var scope = NewDisposeScope();
        Tensor images = tensor([0.0, 0.3, 1.0]).reshape(1, 1, 1, 3).expand(1, 3, 1, 3).clone().requires_grad_();

        Tensor result = HueSaturationValue.Adjust(images, Factor(0.05), Factor(0.7), Factor(0.8));
        autograd.backward([result.sum()], inputs: [images]);

        AssertClose(full([1, 3], 3 * 0.8, dtype: ScalarType.Float64), images.grad!.sum(1).squeeze(1));
    }

    [Fact]
    public void Everything_switched_off_is_the_identity()
    {
        using var scope = NewDisposeScope();
        using Generator rng = new(1, CPU);
        Tensor images = EveryTransformTests.Images(4, 16, 16, ScalarType.Float64);
        LightAugmentation none = new(new LightAugmentationOptions { FlipProbability = 0, JitterProbability = 0, GrayscaleProbability = 0, MinCropArea = 1 });

        AssertClose(images, none.Apply(images, rng));
    }

    [Theory]
    [InlineData(0.2, 0.25)]
    public void Probabilities_are_shares_of_the_images(double gray, double flip)
    {
        using var scope = NewDisposeScope();
        using Generator rng = new(1, CPU);
        Tensor images = EveryTransformTests.Images(1, 4, 4, ScalarType.Float64).expand(4000, 3, 4, 4);

        Assert.Equal(gray, Changed(new Grayscale(gray)), 0.02);
        Assert.Equal(flip, Changed(new HorizontalFlip(flip)), 0.02);
        Assert.Equal(0.8, Changed(new ColorJitter(new LightAugmentationOptions())), 0.02);

        double Changed(IImageTransform transform) => transform.Apply(images, rng).ne(images).flatten(1).any(1).to(ScalarType.Float64).mean().item<double>();
    }

    [Fact]
    public void Options_out_of_range_are_refused_by_name()
    {
        LightAugmentationOptions options = new() { Hue = 0.6 };

        Assert.Equal("Hue", Assert.Throws<ArgumentOutOfRangeException>(() => new LightAugmentation(options)).ParamName);
    }

    private static Tensor Factor(double value) => tensor([value]).reshape(1, 1, 1, 1);

    /// <summary>Rows of three channels as an image [1, 3, 1, rows].</summary>
    private static Tensor Pixels(JsonElement rows) => rows.Array().t().reshape(1, 3, 1, -1);

    private static void AssertClose(Tensor expected, Tensor actual, double tolerance = 1e-9)
    {
        Assert.Equal(expected.shape, actual.shape);
        Assert.True((expected - actual).abs().max().item<double>() <= tolerance, $"Expected {expected.cstr()}, found {actual.cstr()}.");
    }
}
