using CobraAD.Losses;
using CobraAD.Networks;
using CobraAD.Optimization;
using CobraAD.Torch;
using CobraAD.Training;
using CobraAD.Transforms;
using CobraAD.Transforms.Hard;
using CobraAD.Transforms.Light;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Torch;

/// <summary>
/// Tensors of libtorch's meta device have shapes but no numbers. Whatever mixes devices or waits for a number of the device throws
/// there, so a machine without a GPU can show that work meant for one does neither.
/// </summary>
public sealed class MetaDeviceTests
{
    private static readonly Device Meta = new(DeviceType.META);
    private static readonly PairLayout Layout = new(4, 3);
    private static readonly CobraObjective Objective = new(ContrastiveLoss.Create(new ContrastiveLossOptions()));

    public static TheoryData<string> Transforms => [.. HardTransforms.All.Select(transform => transform.Name), "light"];

    [Theory]
    [InlineData(ResNetStem.Cifar, 1)]
    [InlineData(ResNetStem.ImageNet, 3)]
    public void Attack_loss_and_update_run_without_a_number_of_the_device(ResNetStem stem, int firstLayerSteps)
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator rng = new RandomStreams(1).Create("weights");
        using CobraNetwork network = new(new CobraNetworkOptions { Encoder = new ResNetOptions { Stem = stem, WidthFactor = 0.125 }, EmbeddingSize = 8 }, rng);
        network.to(Meta);
        using CobraNetwork folded = network.Fold();
        using Optimizer optimizer = Optimizer.Create(new OptimizerOptions(), network.named_parameters());
        Tensor views = TestImages.Uniform(2 * Layout.Samples, 32).to(Meta);
        InnerMaximization attack = new(new InnerMaximizationOptions { Steps = 2, FirstLayerSteps = firstLayerSteps });

        Tensor keys = attack.EncodeKeys(folded, views);
        AdversarialBatch result = attack.Run(folded, TestImages.Uniform(Layout.Samples, 32).to(Meta), keys, Layout, Objective, rng, measureEnd: true);
        CobraOutput output = network.call(cat([views, result.Images]));
        ObjectiveParts loss = Objective.Outer(output.Embeddings, output.Logits, Layout);
        loss.Total.backward();
        optimizer.Step();

        Assert.Equal(DeviceType.META, result.Images.device_type);
        Assert.Equal(DeviceType.META, loss.Total.device_type);
        Assert.ThrowsAny<Exception>(() => loss.Total.item<float>());
    }

    [Theory]
    [MemberData(nameof(Transforms))]
    public void Transforms_keep_to_the_device_of_the_images(string name)
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator rng = new RandomStreams(1).Create("transform");
        IImageTransform transform = name == "light" ? new LightAugmentation() : HardTransforms.Named([name])[0];

        Tensor result = transform.Apply(TestImages.Uniform(4, 32).to(Meta), rng);

        Assert.Equal(DeviceType.META, result.device_type);
        Assert.Equal([4, 3, 32, 32], result.shape);
    }
}
