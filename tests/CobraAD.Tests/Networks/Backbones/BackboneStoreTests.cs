using System.Text.Json;
using CobraAD.Networks.Backbones;
using CobraAD.Networks.Residual;
using CobraAD.Serialization;
using CobraAD.Serialization.Archive;
using CobraAD.Serialization.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Networks.Backbones;

/// <summary>The weight files in Files/ were written by PyTorch 1.13 with the script beside them.</summary>
public sealed class BackboneStoreTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly string folder = Directory.CreateTempSubdirectory("cobra-backbones-").FullName;

    public void Dispose()
    {
        scope.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData("resnet18-narrow.pt")]
    [InlineData("resnet18-checkpoint.pt")]
    [InlineData("resnet18-narrow.safetensors")]
    [InlineData("resnet18-named.onnx")]
    [InlineData("resnet18-folded.onnx")]
    public void Weights_that_PyTorch_wrote_give_PyTorchs_features(string file)
    {
        using Backbone backbone = Open(Options(PathOf(file)));

        TensorAssert.Close(PyTorchsFeatures(), backbone.Features(Images()), 1e-5);
        Assert.Equal(ModelArchive.Fingerprint(PathOf(file)), backbone.Origin.Sha256);
        Assert.Equal(["fc.bias", "fc.weight"], backbone.Origin.Ignored);
        Assert.Equal(5, backbone.Head!.weight!.size(0));
    }

    [Fact]
    public void A_file_of_TorchSharps_own_format_loads()
    {
        using Backbone original = Open(Options(PathOf("resnet18-narrow.pt")));
        string path = Path.Combine(folder, "weights.dat");
        original.Network.save(path);

        using Backbone backbone = Open(Options(path));

        TensorAssert.SameBits(original.Features(Images()), backbone.Features(Images()));
    }

    [Fact]
    public void Folding_and_preparation_keep_the_features()
    {
        BackboneOptions shifted = Options(PathOf("resnet18-narrow.pt")) with { Mean = [0.2, 0.3, 0.4], Deviation = [0.5, 0.25, 1] };
        using Backbone backbone = Open(shifted);
        using Backbone plain = Open(Options(PathOf("resnet18-narrow.pt")));
        using Backbone folded = backbone.Fold();
        Tensor images = Images();
        // The plain network computes 2x - 1, so it must be given ((x - mean)/deviation + 1)/2.
        Tensor prepared = ((images - tensor([0.2f, 0.3f, 0.4f]).view(1, 3, 1, 1)) / tensor([0.5f, 0.25f, 1f]).view(1, 3, 1, 1) + 1) / 2;

        TensorAssert.Close(plain.Features(prepared), backbone.Features(images), 1e-4);
        TensorAssert.Close(backbone.Features(images), folded.Features(images), 1e-4);
    }

    [Fact]
    public void Resizing_and_cropping_are_differentiable()
    {
        using Backbone backbone = Open(Options(PathOf("resnet18-narrow.pt")) with { ResizeTo = 32, CropTo = 24 });
        Tensor images = Images().requires_grad_();

        autograd.backward([backbone.Features(images).sum()], inputs: [images]);

        Assert.True(images.grad!.norm().item<float>() > 0);
    }

    [Fact]
    public void Weights_of_another_network_are_refused_with_the_mismatches()
    {
        BackboneOptions wider = Options(PathOf("resnet18-narrow.pt")) with { Network = new ResNetOptions { WidthFactor = 4 / 64.0 } };
        BackboneOptions deeper = Options(PathOf("resnet18-narrow.safetensors")) with { Network = new ResNetOptions { Variant = ResNetVariant.ResNet34, WidthFactor = 2 / 64.0 } };

        Assert.Contains("conv1.weight is [2, 3, 3, 3], expected [4, 3, 3, 3]", Assert.Throws<ModelFormatException>(() => Open(wider)).Message, StringComparison.Ordinal);
        Assert.Contains("layer1.2.conv1.weight is missing", Assert.Throws<ModelFormatException>(() => Open(deeper)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tensor_of_an_unknown_name_is_refused()
    {
        string path = Path.Combine(folder, "more.safetensors");
        using TensorBundle weights = WeightFile.Read(PathOf("resnet18-narrow.pt"));
        Safetensors.Write(path, new Dictionary<string, Tensor>(weights.Tensors) { ["layer5.weight"] = zeros(2) });

        Assert.Contains("layer5.weight is unknown", Assert.Throws<ModelFormatException>(() => Open(Options(path))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("resnet18-narrow.pt")]
    [InlineData("resnet18-narrow.safetensors")]
    [InlineData("resnet18-named.onnx")]
    [InlineData("resnet18-folded.onnx")]
    [InlineData("transformer-timm.pt")]
    public void A_truncated_file_is_refused(string file)
    {
        byte[] whole = File.ReadAllBytes(PathOf(file));
        foreach (double share in (double[])[0.001, 0.3, 0.9, 0.999])
        {
            string path = Path.Combine(folder, "cut" + Path.GetExtension(file));
            File.WriteAllBytes(path, whole[..(int)(share * whole.Length)]);

            Assert.Throws<ModelFormatException>(() => Open(Options(path)));
        }
    }

    [Fact]
    public void A_truncated_file_of_TorchSharps_format_is_refused()
    {
        string path = Path.Combine(folder, "weights.dat");
        using (Backbone original = Open(Options(PathOf("resnet18-narrow.pt")))) original.Network.save(path);
        byte[] whole = File.ReadAllBytes(path);
        foreach (double share in (double[])[0.001, 0.3, 0.9, 0.999])
        {
            File.WriteAllBytes(path, whole[..(int)(share * whole.Length)]);

            Assert.Throws<ModelFormatException>(() => Open(Options(path)));
        }
    }

    [Theory]
    [InlineData("ff ff ff ff ff ff ff ff 7f", "claims")]
    [InlineData("01 05 61", "ends too early")]
    [InlineData("01 01 61 06 02 ff ff ff ff ff ff ff ff 7f ff ff ff ff ff ff ff ff 7f", "larger than the file")]
    [InlineData("01 01 61 63 00", "unknown element type")]
    [InlineData("01 01 61 06 7f", "dimensions")]
    public void A_hostile_file_of_TorchSharps_format_is_refused(string bytes, string reason)
    {
        string path = Path.Combine(folder, "hostile.dat");
        File.WriteAllBytes(path, Convert.FromHexString(bytes.Replace(" ", "", StringComparison.Ordinal)));

        Assert.Contains(reason, Assert.Throws<ModelFormatException>(() => Open(Options(path))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_of_an_unknown_format_is_refused()
    {
        string path = Path.Combine(folder, "text.pt");
        File.WriteAllText(path, "no weights at all, only a line of text");

        Assert.Contains("Known formats are", Assert.Throws<ModelFormatException>(() => Open(Options(path))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_file_the_weights_are_random_and_the_description_says_so()
    {
        BackboneOptions options = new() { Network = new ResNetOptions { WidthFactor = 2 / 64.0 } };
        using Backbone backbone = Open(options);

        Assert.Null(backbone.Origin.Sha256);
        Assert.Equal("ResNet18, random weights: not comparable with published numbers", backbone.Origin.Describe(options));
    }

    private static BackboneOptions Options(string file) => new() { File = file, Network = new ResNetOptions { WidthFactor = 2 / 64.0 } };

    private static Backbone Open(BackboneOptions options)
    {
        using Generator rng = new(1, CPU);
        return BackboneStore.Open(options, rng);
    }

    private static string PathOf(string file) => Path.Combine(AppContext.BaseDirectory, "Networks", "Backbones", "Files", file);

    /// <summary>What the script computes its features of.</summary>
    private static Tensor Images() => (arange(2 * 3 * 16 * 16, dtype: ScalarType.Float64).mul(0.37).sin() * 0.5 + 0.5).view(2, 3, 16, 16).to(ScalarType.Float32);

    private static Tensor PyTorchsFeatures()
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(PathOf("features.json")));
        double[][] rows = document.RootElement.GetProperty("features").Deserialize<double[][]>()!;
        return stack([.. rows.Select(row => tensor(row))]);
    }
}
