using CobraAD.Transforms;
using CobraAD.Transforms.Hard;
using CobraAD.Transforms.Light;
using static TorchSharp.torch;

namespace CobraAD.Tests.Transforms;

/// <summary>What every transform promises, whatever it does.</summary>
public sealed class EveryTransformTests
{
    private static readonly Dictionary<string, IImageTransform> Transforms = HardTransforms.All
        .Append(new QuarterTurn()).Append(new CutPastePatch()).Append(new Scar())
        .Append(new LightAugmentation()).Append(new LightAugmentation(new LightAugmentationOptions { JitterProbability = 1, GrayscaleProbability = 0 }))
        .Select((transform, index) => (Key: $"{index}-{transform.Name}", transform)).ToDictionary(x => x.Key, x => x.transform);

    public static TheoryData<string> Names => [.. Transforms.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Shape_type_and_range_stay_and_the_input_is_untouched(string name)
    {
        using var scope = NewDisposeScope();
        Tensor white = ones(2, 3, 32, 32), images = cat([Images(6, 32, 32, ScalarType.Float32), white, zeros(1, 3, 32, 32)]);
        Tensor before = images.clone();

        for (int seed = 0; seed < 5; seed++)
        {
            Tensor result = Apply(name, images, seed);

            Assert.Equal(images.shape, result.shape);
            Assert.Equal(ScalarType.Float32, result.dtype);
            Assert.InRange(result.min().item<float>(), 0f, 1f);
            Assert.InRange(result.max().item<float>(), 0f, 1f);
        }

        Assert.True(before.eq(images).all().item<bool>());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_generator_alone_decides_the_result(string name)
    {
        using var scope = NewDisposeScope();
        Tensor images = Images(4, 32, 32, ScalarType.Float32);

        Assert.True(Apply(name, images, 3).eq(Apply(name, images, 3)).all().item<bool>());
        if (Transforms[name] is not ExtremeBlur) Assert.False(Apply(name, images, 3).eq(Apply(name, images, 4)).all().item<bool>());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_image_draws_parameters_of_its_own(string name)
    {
        if (Transforms[name] is ExtremeBlur) return; // It has no random parameter.
        using var scope = NewDisposeScope();
        Tensor images = Images(1, 32, 32, ScalarType.Float32).expand(16, 3, 32, 32).clone();
        Tensor partners = Images(2, 32, 32, ScalarType.Float32).narrow(0, 1, 1).expand_as(images);

        using Generator rng = new(1, CPU);
        Tensor result = Transforms[name] is IMixingTransform mixing ? mixing.Apply(images, partners, rng) : Transforms[name].Apply(images, rng);

        int different = Enumerable.Range(1, 15).Count(i => !result[i].eq(result[0]).all().item<bool>());
        Assert.True(different >= 8, $"Only {different} of 15 images differ from the first.");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Images_meet_only_in_transforms_that_mix(string name)
    {
        using var scope = NewDisposeScope();
        Tensor images = Images(5, 32, 32, ScalarType.Float32), other = images.clone();
        other[0] = 1 - other[0];

        Tensor difference = (Apply(name, images, 11) - Apply(name, other, 11)).abs().amax([1, 2, 3]);

        bool othersChanged = difference.narrow(0, 1, 4).gt(0).any().item<bool>();
        Assert.True(difference[0].item<float>() > 0);
        if (Transforms[name] is not IMixingTransform) Assert.False(othersChanged);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_gradient_is_the_derivative(string name)
    {
        using var scope = NewDisposeScope();
        Tensor images = Images(3, 12, 12, ScalarType.Float64), weight = Images(3, 12, 12, ScalarType.Float64, seed: 5);

        for (int seed = 0; seed < 3; seed++)
        {
            Tensor x = images.clone().requires_grad_();
            autograd.backward([(Apply(name, x, seed) * weight).sum()], inputs: [x]);
            Tensor direction = Images(3, 12, 12, ScalarType.Float64, seed: 9 + seed) - 0.5;
            const double step = 1e-6;
            double numerical = ((Apply(name, images + step * direction, seed) - Apply(name, images - step * direction, seed)) * weight).sum().item<double>() / (2 * step);

            double analytical = (x.grad! * direction).sum().item<double>();

            Assert.Equal(numerical, analytical, 1e-6 * Math.Max(1, Math.Abs(numerical)));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Sides_may_differ_in_length_where_the_transform_allows_it(string name)
    {
        using var scope = NewDisposeScope();
        Tensor images = Images(3, 20, 34, ScalarType.Float32);

        if (Transforms[name] is QuarterTurn) Assert.Throws<ArgumentException>(() => Apply(name, images, 1));
        else Assert.Equal(images.shape, Apply(name, images, 1).shape);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Nothing_is_left_behind_in_the_callers_scope(string name)
    {
        using var scope = NewDisposeScope();
        Tensor images = Images(3, 16, 16, ScalarType.Float32);
        using Generator rng = new(1, CPU);

        using var inner = NewDisposeScope();
        Transforms[name].Apply(images, rng);

        Assert.Equal(1, inner.DisposablesCount);
    }

    [Fact]
    public void The_order_of_the_hard_transforms_is_fixed() => Assert.Equal(
        [
            "jigsaw", "random-erasing", "cutpaste", "rotation", "extreme-blur", "intense-random-crop", "noise", "extreme-crop", "mixup", "cutout",
            "cutmix", "elastic", "defect",
        ],
        HardTransforms.All.Select(t => t.Name));

    internal static Tensor Images(long count, long height, long width, ScalarType type, long seed = 0)
    {
        using Generator rng = new((ulong)seed + 100, CPU);
        // Smooth enough that rotations matter, away from 0 and 1 so that no clamp has its kink here.
        return rand([count, 3, height, width], dtype: ScalarType.Float64, generator: rng).mul(0.9).add(0.05).to(type);
    }

    private static Tensor Apply(string name, Tensor images, long seed)
    {
        using Generator rng = new((ulong)seed, CPU);
        return Transforms[name].Apply(images, rng);
    }
}
