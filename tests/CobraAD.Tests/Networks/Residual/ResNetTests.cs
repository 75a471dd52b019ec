using CobraAD.Networks.Residual;
using CobraAD.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Networks.Residual;

public sealed class ResNetTests
{
    private static readonly ResNetOptions Thin = new() { WidthFactor = 0.125 };

    // torchvision's published counts, less its classifier for 1000 classes.
    [Theory]
    [InlineData(ResNetVariant.ResNet18, 11_689_512, 512)]
    [InlineData(ResNetVariant.ResNet34, 21_797_672, 512)]
    [InlineData(ResNetVariant.ResNet50, 25_557_032, 2048)]
    [InlineData(ResNetVariant.ResNet101, 44_549_160, 2048)]
    [InlineData(ResNetVariant.ResNet152, 60_192_808, 2048)]
    [InlineData(ResNetVariant.WideResNet50x2, 68_883_240, 2048)]
    public void Every_variant_has_the_published_number_of_parameters(ResNetVariant variant, long published, int features)
    {
        using ResNet network = Create(new ResNetOptions { Variant = variant, Stem = ResNetStem.ImageNet });

        Assert.Equal(features, network.FeatureSize);
        Assert.Equal(published - (features * 1000 + 1000), network.parameters().Sum(parameter => parameter.numel()));
    }

    [Theory]
    [InlineData(ResNetVariant.ResNet18)]
    [InlineData(ResNetVariant.ResNet50)]
    [InlineData(ResNetVariant.WideResNet50x2)]
    public void Weights_have_the_names_of_torchvision(ResNetVariant variant)
    {
        using ResNet network = Create(Thin with { Variant = variant, Stem = ResNetStem.ImageNet });
        HashSet<string> names = [.. network.state_dict().Keys];

        Assert.Superset(
            new HashSet<string> { "conv1.weight", "bn1.weight", "bn1.running_var", "layer1.0.conv1.weight", "layer1.0.bn2.bias", "layer2.0.downsample.0.weight", "layer2.0.downsample.1.running_mean", "layer4.1.conv2.weight" },
            names);
        Assert.Equal(variant != ResNetVariant.ResNet18, names.Contains("layer1.0.conv3.weight"));
        Assert.Equal(variant != ResNetVariant.ResNet18, names.Contains("layer1.0.downsample.0.weight"));
    }

    [Fact]
    public void The_same_seed_gives_the_same_weights_and_another_seed_others()
    {
        using ResNet first = Create(Thin, seed: 5);
        using ResNet again = Create(Thin, seed: 5);
        using ResNet other = Create(Thin, seed: 6);

        foreach ((string name, Tensor weight) in first.state_dict()) TensorAssert.SameBits(weight, again.state_dict()[name]);
        Assert.NotEqual(first.state_dict()["conv1.weight"].sum().item<float>(), other.state_dict()["conv1.weight"].sum().item<float>());
    }

    [Theory]
    [InlineData(ResNetStem.Cifar)]
    [InlineData(ResNetStem.ImageNet)]
    public void Fresh_weights_have_the_spread_of_their_formula(ResNetStem stem)
    {
        using ResNet network = Create(new ResNetOptions { Stem = stem });
        Tensor weight = network.state_dict()["layer4.1.conv2.weight"];

        double expected = stem == ResNetStem.ImageNet ? Math.Sqrt(2.0 / (512 * 9)) : 1 / Math.Sqrt(3.0 * 512 * 9);

        Assert.Equal(expected, weight.std().item<float>(), expected * 0.01);
        Assert.Equal(0, weight.mean().item<float>(), expected * 0.01);
    }

    [Theory]
    [InlineData(ResNetStem.Cifar, 28, 28)]
    [InlineData(ResNetStem.Strided, 28, 14)]
    [InlineData(ResNetStem.ImageNet, 64, 16)]
    public void The_stem_decides_the_resolution_of_the_first_maps(ResNetStem stem, int size, int first)
    {
        using DisposeScope scope = NewDisposeScope();
        using ResNet network = Create(Thin with { Stem = stem });

        IReadOnlyList<Tensor> maps = network.FeatureMaps(zeros(2, 3, size, size));

        Assert.Equal([2L, 8, first, first], maps[0].shape);
        Assert.Equal(5, maps.Count);
        Assert.Equal([2L, 64], network.call(zeros(2, 3, size, size)).shape);
    }

    [Theory]
    [InlineData(ResNetStem.ImageNet, true)]
    [InlineData(ResNetStem.Cifar, false)]
    public void Maps_of_the_network_for_large_images_have_their_channels_innermost_folded_or_not(ResNetStem stem, bool channelsLast)
    {
        using DisposeScope scope = NewDisposeScope();
        using ResNet network = Create(Thin with { Stem = stem });
        using ResNet folded = network.Fold();

        foreach (ResNet one in new[] { network, folded })
            Assert.All(one.FeatureMaps(TestImages.Uniform(2, 64)), map => Assert.Equal(channelsLast, map.stride(1) == 1));
    }

    [Theory]
    [InlineData(ResNetVariant.ResNet18, ResNetStem.Cifar)]
    [InlineData(ResNetVariant.ResNet18, ResNetStem.ImageNet)]
    [InlineData(ResNetVariant.ResNet50, ResNetStem.Strided)]
    public void A_folded_network_has_the_same_features_and_input_gradients(ResNetVariant variant, ResNetStem stem)
    {
        using DisposeScope scope = NewDisposeScope();
        using ResNet network = Create(Thin with { Variant = variant, Stem = stem });
        network.to(float64);
        Tensor images = TestImages.Uniform(4, 32, float64);
        for (int i = 0; i < 3; i++) network.call(images * (i + 1) / 3).Dispose();
        network.eval();

        using ResNet folded = network.Fold();

        (Tensor features, Tensor gradient) = Run(network, images);
        (Tensor foldedFeatures, Tensor foldedGradient) = Run(folded, images);
        TensorAssert.Close(features, foldedFeatures, 1e-10);
        TensorAssert.Close(gradient, foldedGradient, 1e-10);
    }

    [Fact]
    public void A_folded_network_shares_nothing_with_its_original_and_needs_no_gradients()
    {
        using DisposeScope scope = NewDisposeScope();
        using ResNet network = Create(Thin);
        network.eval();
        using ResNet folded = network.Fold();
        Tensor images = TestImages.Uniform(2, 32);
        Tensor before = folded.call(images);

        using (no_grad())
        {
            foreach (TorchSharp.Modules.Parameter parameter in network.parameters()) parameter.zero_();
        }

        TensorAssert.SameBits(before, folded.call(images));
        Assert.All(folded.parameters(), parameter => Assert.False(parameter.requires_grad));
        Assert.DoesNotContain(folded.state_dict().Keys, name => name.Contains("bn", StringComparison.Ordinal));
        Assert.Throws<InvalidOperationException>(() => folded.Fold());
    }

    [Fact]
    public void Forward_leaves_no_tensors_behind()
    {
        using ResNet network = Create(Thin);
        using Tensor images = TestImages.Uniform(2, 32);
        network.call(images).Dispose();
        long before = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;

        for (int i = 0; i < 3; i++) network.call(images).Dispose();

        Assert.Equal(before, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
    }

    [Theory]
    [InlineData(0, "WidthFactor")]
    [InlineData(5, "WidthFactor")]
    [InlineData(double.NaN, "WidthFactor")]
    public void An_impossible_width_is_refused_by_name(double width, string option)
    {
        ArgumentOutOfRangeException error = Assert.Throws<ArgumentOutOfRangeException>(() => Create(new ResNetOptions { WidthFactor = width }));

        Assert.Equal(option, error.ParamName);
    }

    private static ResNet Create(ResNetOptions options, long seed = 1)
    {
        using Generator rng = new RandomStreams(seed).Create("weights");
        return new ResNet(options, rng);
    }

    private static (Tensor Features, Tensor Gradient) Run(ResNet network, Tensor images)
    {
        Tensor input = images.clone().requires_grad_();
        Tensor features = network.call(input);
        autograd.backward([features.square().sum()], inputs: [input]);
        return (features, input.grad!);
    }
}
