using CobraAD.Datasets;
using CobraAD.Datasets.Demo;
using CobraAD.Networks.Backbones;
using CobraAD.Serialization;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using TorchSharp;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace CobraAD.Tests.Networks.Backbones;

/// <summary>The weights of the package CobraAD.Backbones.ImageNet, which the build puts beside the tests.</summary>
public sealed class ImageNetPackageTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void Features_are_those_that_onnx_runtime_computes_from_the_original_file()
    {
        using Backbone backbone = Open();
        Tensor images = Photographs(3);

        Tensor expected = OriginalFeatures(images);
        Tensor found = backbone.Features(images);

        Assert.Equal([3, 512], found.shape);
        Assert.True(expected.max().item<float>() > 1);
        TensorAssert.Close(expected, found, 1e-4);
    }

    [Fact]
    public void Folded_features_are_the_same()
    {
        using Backbone backbone = Open();
        using Backbone folded = backbone.Fold();
        Tensor images = Photographs(2);

        TensorAssert.Close(backbone.Features(images), folded.Features(images), 1e-4);
    }

    [Fact]
    public void Images_of_another_size_are_brought_to_224_pixels_within_the_gradient()
    {
        using Backbone backbone = Open();
        Tensor images = Photographs(1).narrow(2, 0, 64).narrow(3, 0, 48).contiguous().requires_grad_();

        backbone.Features(images).sum().backward();

        Assert.Equal(images.shape, images.grad!.shape);
        Assert.True(images.grad.abs().max().item<float>() > 0);
    }

    [Fact]
    public void Reports_name_the_network_its_hash_and_what_it_may_not_be_compared_with()
    {
        using Backbone backbone = Open();

        Assert.Equal(
            "ImageNet ResNet-18 (ML.NET), SHA-256 e2552f19db2dfdb0: another network than the authors', not comparable with published numbers",
            backbone.Origin.Describe(backbone.Options));
        Assert.True(backbone.Origin.IsStandIn);
    }

    [Fact]
    public void A_missing_file_is_told_with_the_package_to_add()
    {
        string path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.onnx");

        string message = Assert.Throws<ModelFormatException>(() => ImageNetPackage.Verified(path)).Message;

        Assert.Contains(path, message, StringComparison.Ordinal);
        Assert.Contains("dotnet add package CobraAD.Backbones.ImageNet", message, StringComparison.Ordinal);
        Assert.Contains("--backbone random", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(-1)]
    public void A_damaged_or_shortened_file_is_refused_by_its_hash(int position)
    {
        using TemporaryFolder folder = new();
        string path = folder.File("imagenet-resnet18.onnx");
        byte[] bytes = File.ReadAllBytes(ImageNetPackage.Location);
        if (position >= 0) bytes[position] ^= 1;
        File.WriteAllBytes(path, position >= 0 ? bytes : bytes[..^1]);

        string message = Assert.Throws<ModelFormatException>(() => ImageNetPackage.Verified(path)).Message;

        Assert.Contains(ImageNetPackage.Sha256, message, StringComparison.Ordinal);
        Assert.Contains("restore the package", message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Misfits))]
    public void Another_network_or_form_of_image_is_refused(BackboneOptions options, string option) =>
        Assert.Contains(option, Assert.Throws<ArgumentOutOfRangeException>(options.Validate).Message, StringComparison.Ordinal);

    public static TheoryData<BackboneOptions, string> Misfits => new()
    {
        { BackboneOptions.Packaged with { Network = new() }, "Network" },
        { BackboneOptions.Packaged with { Mean = [0.5, 0.5, 0.5] }, "Mean" },
        { BackboneOptions.Packaged with { Deviation = [0.5, 0.5, 0.5] }, "Deviation" },
        { BackboneOptions.Packaged with { File = "weights.onnx" }, "File" },
        { BackboneOptions.Packaged with { Transformer = new() }, "Transformer" },
    };

    private static Backbone Open()
    {
        using Generator rng = new(0, CPU);
        return BackboneStore.Open(BackboneOptions.Packaged, rng);
    }

    /// <summary>Photographs of clothes from the demo, enlarged, and tinted so that the order of the channels counts.</summary>
    private static Tensor Photographs(int count)
    {
        using AnomalyBenchmark demo = DemoDataset.Open(32);
        Tensor images = nn.functional.interpolate(demo.Test.Batch(0, count), [224, 224], mode: InterpolationMode.Bilinear, align_corners: false);
        return images * tensor(new[] { 1f, 0.8f, 0.5f }).view(1, 3, 1, 1);
    }

    /// <summary>What the original takes: blue first, 0 to 255, minus the means; one image at a time.</summary>
    private static Tensor OriginalFeatures(Tensor images)
    {
        Tensor mean = tensor(BackboneOptions.Packaged.Mean.Select(value => (float)value).ToArray()).view(1, 3, 1, 1);
        Tensor prepared = (255 * (images - mean)).flip(1).contiguous();
        using InferenceSession session = new(ImageNetPackage.Location);
        return cat([.. Enumerable.Range(0, (int)images.size(0)).Select(i =>
        {
            DenseTensor<float> input = new(prepared[i].contiguous().data<float>().ToArray(), [1, 3, 224, 224]);
            using IDisposableReadOnlyCollection<DisposableNamedOnnxValue> outputs = session.Run([NamedOnnxValue.CreateFromTensor("Input247", input)]);
            return tensor(outputs[0].AsEnumerable<float>().ToArray()).view(1, 512);
        })]);
    }
}
