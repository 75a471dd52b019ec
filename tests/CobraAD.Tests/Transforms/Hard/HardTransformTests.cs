using CobraAD.Tests.Golden;
using CobraAD.Transforms;
using CobraAD.Transforms.Hard;
using static TorchSharp.torch;

namespace CobraAD.Tests.Transforms.Hard;

public sealed class HardTransformTests
{
    [Theory]
    [InlineData(2, 8)]
    [InlineData(2, 9)]
    [InlineData(3, 9)]
    public void Jigsaw_moves_whole_tiles_and_never_returns_the_original(int grid, int side)
    {
        using var scope = NewDisposeScope();
        using Generator rng = new(3, CPU);
        Tensor images = arange(3 * side * side, dtype: ScalarType.Float32).reshape(1, 3, side, side).div(3 * side * side).expand(2000, 3, side, side);

        Tensor result = new Jigsaw { Grid = grid }.Apply(images, rng);

        Assert.False(result.eq(images).flatten(1).all(1).any().item<bool>());
        if (side % grid == 0) Assert.True(result.flatten(1).sort(1).Values.eq(images.flatten(1)).all().item<bool>());
    }

    [Fact]
    public void Jigsaw_draws_all_23_other_orders()
    {
        using var scope = NewDisposeScope();
        using Generator rng = new(3, CPU);
        Tensor images = arange(4, dtype: ScalarType.Float32).reshape(1, 1, 2, 2).div(4).expand(2000, 3, 2, 2);

        Tensor result = new Jigsaw().Apply(images, rng);

        HashSet<string> orders = [.. Enumerable.Range(0, 2000).Select(i => string.Join(' ', result[i, 0].flatten().data<float>().ToArray()))];
        Assert.Equal(23, orders.Count);
    }

    [Fact]
    public void Random_erasing_covers_the_areas_and_aspects_it_declares()
    {
        using var scope = NewDisposeScope();
        using Generator rng = new(3, CPU);
        Tensor erased = Erased(new RandomErasing { Fill = FillKind.Zero }, 2000, 64, rng);
        Tensor height = erased.any(2).sum(1).to(ScalarType.Float64), width = erased.any(1).sum(1).to(ScalarType.Float64);
        Tensor area = height * width / (64 * 64), aspect = height.minimum(width) / height.maximum(width);

        Assert.True(erased.sum([1, 2]).eq(height * width).all().item<bool>(), "Every region is one rectangle.");
        Assert.InRange(area.min().item<double>(), 0.01, 0.04);
        Assert.InRange(area.max().item<double>(), 0.29, 0.35);
        Assert.InRange(aspect.min().item<double>(), 0.05, 0.12);
        Assert.InRange(aspect.max().item<double>(), 0.48, 0.6);
        Assert.InRange(height.gt(width).to(ScalarType.Float64).mean().item<double>(), 0.45, 0.55);
    }

    [Fact]
    public void Cutout_erases_one_square_of_a_quarter_of_the_width_anywhere()
    {
        using var scope = NewDisposeScope();
        using Generator rng = new(3, CPU);

        Tensor erased = Erased(new Cutout(), 3000, 32, rng);

        Assert.True(erased.sum([1, 2]).eq(64).all().item<bool>());
        Assert.True(erased.any(2).sum(1).eq(8).all().item<bool>());
        Assert.True(erased.any(0).all().item<bool>(), "Some image loses each pixel.");
    }

    [Fact]
    public void A_mean_fill_is_the_images_own_colour()
    {
        using var scope = NewDisposeScope();
        using Generator rng = new(3, CPU);
        Tensor images = EveryTransformTests.Images(2, 16, 16, ScalarType.Float64), before = images.mean([2, 3]);

        Tensor result = new Cutout { Side = 1, Fill = FillKind.Mean }.Apply(images, rng);

        Assert.True((result.amax([2, 3]) - before).abs().max().item<double>() < 1e-12);
        Assert.True((result.amin([2, 3]) - before).abs().max().item<double>() < 1e-12);
    }

    [Fact]
    public void Cutpaste_copies_a_square_of_the_same_image_to_another_place()
    {
        using var scope = NewDisposeScope();
        using Generator rng = new(3, CPU);
        const int side = 20, count = 3000;
        Tensor images = arange(side * side, dtype: ScalarType.Float32).reshape(1, 1, side, side).div(side * side).expand(count, 3, side, side);

        Tensor changed = new CutPaste().Apply(images, rng).ne(images)[TensorIndex.Colon, 0];
        Tensor height = changed.any(2).sum(1), width = changed.any(1).sum(1);

        Assert.True(changed.sum([1, 2]).eq(height * width).all().item<bool>(), "What changed is one rectangle.");
        Assert.True(height.eq(width).all().item<bool>());
        Assert.Equal(2, height.min().item<long>());
        Assert.Equal(10, height.max().item<long>());
    }

    [Fact]
    public void Cutmix_takes_a_fifth_of_the_area_from_the_partner()
    {
        using var scope = NewDisposeScope();
        using Generator rng = new(3, CPU);

        Tensor result = new CutMix().Apply(zeros(500, 3, 64, 64), ones(500, 3, 64, 64), rng);

        Assert.True(result.sum([2, 3]).eq(29 * 29).all().item<bool>());
        Assert.Equal(0.2, 29.0 * 29 / (64 * 64), 0.01);
    }

    [Theory]
    [InlineData(0.1, 0.19)]
    [InlineData(1, 0.8)]
    public void Mixup_weights_follow_the_beta_distribution(double alpha, double shareBetweenATenthAndNineTenths)
    {
        using var scope = NewDisposeScope();
        using Generator rng = new(3, CPU);

        Tensor weight = new Mixup { Alpha = alpha }.Weights(20000, rng);

        Assert.False(weight.isnan().any().item<bool>());
        Assert.Equal(0.5, weight.mean().item<double>(), 0.015);
        Assert.Equal(1 / (4 * (2 * alpha + 1)), weight.var().item<double>(), 0.005);
        Assert.Equal(shareBetweenATenthAndNineTenths, (weight.gt(0.1) & weight.lt(0.9)).to(ScalarType.Float64).mean().item<double>(), 0.015);
    }

    [Fact]
    public void A_mixing_partner_is_always_another_image_and_each_is_as_likely()
    {
        using var scope = NewDisposeScope();
        using Generator rng = new(3, CPU);
        long[] counts = new long[16];

        for (int i = 0; i < 3000; i++)
        {
            long[] partners = RandomDraw.Partners(rng, 4).data<long>().ToArray();
            for (int row = 0; row < 4; row++) counts[4 * row + partners[row]]++;
        }

        for (int row = 0; row < 4; row++)
            for (int partner = 0; partner < 4; partner++)
                Assert.InRange(counts[4 * row + partner], row == partner ? 0 : 880, row == partner ? 0 : 1120);
    }

    [Fact]
    public void A_batch_of_one_mixes_with_itself()
    {
        using var scope = NewDisposeScope();
        using Generator rng = new(3, CPU);
        Tensor image = EveryTransformTests.Images(1, 8, 8, ScalarType.Float32);

        Assert.True(new CutMix().Apply(image, rng).eq(image).all().item<bool>());
        Assert.True((new Mixup().Apply(image, rng) - image).abs().max().item<float>() < 1e-6);
    }

    [Theory]
    [InlineData(32, 1)]
    [InlineData(64, 1)]
    [InlineData(224, 5)]
    public void The_blur_kernel_grows_with_the_image(long width, int radius) => Assert.Equal(radius, new ExtremeBlur().Radius(width));

    [Fact]
    public void Blur_is_the_gaussian_mean_of_its_neighbours()
    {
        using var scope = NewDisposeScope();
        using Generator rng = new(3, CPU);
        Tensor images = zeros(1, 3, 9, 9, dtype: ScalarType.Float64);
        images[0, TensorIndex.Colon, 4, 4] = 1;
        double neighbour = Math.Exp(-1 / 12.5), total = 1 + 2 * neighbour;

        Tensor result = new ExtremeBlur().Apply(images, rng);

        Assert.Equal(1 / (total * total), result[0, 1, 4, 4].item<double>(), 1e-12);
        Assert.Equal(neighbour / (total * total), result[0, 1, 3, 4].item<double>(), 1e-12);
        Assert.Equal(neighbour * neighbour / (total * total), result[0, 1, 5, 3].item<double>(), 1e-12);
    }

    [Fact]
    public void Crops_keep_the_declared_share_of_a_ramp()
    {
        using var scope = NewDisposeScope();
        using Generator rng = new(3, CPU);
        // On a ramp from left to right, the range of the result is the side of the window.
        Tensor ramp = linspace(0, 1, 64, dtype: ScalarType.Float64).expand(2000, 3, 64, 64);

        AssertSide(new IntenseRandomCrop(), 0.5, 0.8, centred: false);
        AssertSide(new IntenseRandomCrop { Measure = CropMeasure.Area }, Math.Sqrt(0.5), Math.Sqrt(0.8), centred: false);
        AssertSide(new ExtremeCrop(), 0.4, 0.6, centred: true);

        void AssertSide(IImageTransform crop, double smallest, double largest, bool centred)
        {
            Tensor result = crop.Apply(ramp, rng), low = result.amin([1, 2, 3]), high = result.amax([1, 2, 3]);
            Tensor side = high - low;
            Assert.InRange(side.min().item<double>(), smallest - 0.03, smallest + 0.01);
            Assert.InRange(side.max().item<double>(), largest - 0.03, largest + 0.02);
            Assert.Equal(centred, (low + high - 1).abs().max().item<double>() < 1e-9);
        }
    }

    [Fact]
    public void A_rotation_turns_a_bright_spot_by_the_drawn_angle_in_images_of_any_shape()
    {
        using var scope = NewDisposeScope();
        using Generator rng = new(3, CPU);
        Tensor images = zeros(400, 3, 65, 97, dtype: ScalarType.Float64);
        images[TensorIndex.Colon, TensorIndex.Colon, TensorIndex.Slice(31, 34), TensorIndex.Slice(67, 70)] = 1; // 20 right of the centre.

        Tensor mass = new Rotation().Apply(images, rng)[TensorIndex.Colon, 0];
        Tensor total = mass.sum([1, 2]);
        Tensor x = (mass.sum(1) * (arange(97) - 48)).sum(1) / total, y = (mass.sum(2) * (arange(65) - 32)).sum(1) / total;

        Assert.True(((x.square() + y.square()).sqrt() - 20).abs().max().item<double>() < 0.3);
        Tensor degrees = y.atan2(x) * (180 / Math.PI);
        Assert.InRange(degrees.min().item<double>(), -91, -80);
        Assert.InRange(degrees.max().item<double>(), 80, 91);
    }

    [Theory]
    [InlineData(32)]
    [InlineData(96)]
    public void Elastic_moves_by_the_declared_fraction_of_the_width(int side)
    {
        using var scope = NewDisposeScope();
        using Generator rng = new(3, CPU);
        Tensor ramp = linspace(0.3, 0.7, side, dtype: ScalarType.Float64).expand(64, 3, side, side);

        Tensor moved = (new Elastic().Apply(ramp, rng) - ramp) / (0.4 / (side - 1));
        Tensor inside = moved.narrow(3, side / 4, side / 2);

        Assert.Equal(0.03 * side, inside.square().mean().sqrt().item<double>(), 0.004 * side);
    }

    [Fact]
    public void Noise_has_its_standard_deviation()
    {
        using var scope = NewDisposeScope();
        using Generator rng = new(3, CPU);

        Tensor noise = new Noise().Apply(full([8, 3, 32, 32], 0.5), rng) - 0.5;

        Assert.Equal(0.1, noise.std().item<float>(), 0.002);
    }

    [Fact]
    public void Quarter_turns_match_the_reference()
    {
        using var scope = NewDisposeScope();
        System.Text.Json.JsonElement file = GoldenFile.Read("transforms.json").GetProperty("rot90");
        Tensor image = file.GetProperty("image").Array().unsqueeze(0);

        foreach (System.Text.Json.JsonElement example in file.GetProperty("cases").EnumerateArray())
        {
            Tensor k = tensor(new long[] { example.GetProperty("k").GetInt64() });
            Tensor result = QuarterTurn.Apply(image, k);
            Assert.True(result.eq(example.GetProperty("out").Array().unsqueeze(0)).all().item<bool>());
        }
    }

    public static TheoryData<object> Invalid =>
    [
        new Jigsaw { Grid = 1 }, new RandomErasing { MaxArea = 1.1 }, new RandomErasing { MinArea = 0.2 }, new CutPaste { MaxSide = 1 },
        new Rotation { MaxAngle = 181 }, new ExtremeBlur { Sigma = 0 }, new IntenseRandomCrop { MinSize = 0.9 }, new ExtremeCrop { MaxSize = double.NaN },
        new Noise { Sigma = -1 }, new Mixup { Alpha = 0 }, new Cutout { Side = 2 }, new CutMix { Area = -0.1 }, new Elastic { Displacement = 1 },
    ];

    [Theory]
    [MemberData(nameof(Invalid))]
    public void Options_out_of_range_are_refused_by_name(object options)
    {
        using var scope = NewDisposeScope();
        using Generator rng = new(3, CPU);
        IImageTransform transform = (IImageTransform)options;

        ArgumentOutOfRangeException error = Assert.Throws<ArgumentOutOfRangeException>(() => transform.Apply(ones(2, 3, 8, 8), rng));

        Assert.NotNull(transform.GetType().GetProperty(error.ParamName!));
    }

    private static Tensor Erased(IImageTransform transform, long count, long side, Generator rng) =>
        transform.Apply(ones(count, 3, side, side), rng)[TensorIndex.Colon, 0].eq(0);
}
