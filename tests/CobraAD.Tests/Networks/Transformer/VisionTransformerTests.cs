using System.Text.Json;
using CobraAD.Networks.Backbones;
using CobraAD.Networks.Transformer;
using CobraAD.Serialization;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Networks.Transformer;

/// <summary>The reference values were computed by PyTorch 1.13 with Backbones/Files/make_transformer.py, whose attention is PyTorch's own.</summary>
public sealed class VisionTransformerTests : IDisposable
{
    private static readonly VisionTransformerOptions Small = new() { PatchSize = 4, ImageSize = 16, Width = 12, Depth = 3, Heads = 3, HiddenWidth = 20 };

    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Theory]
    [InlineData("transformer-torchvision.pt", 16, 16)]
    [InlineData("transformer-timm.pt", 16, 16)]
    [InlineData("transformer-torchvision.pt", 24, 20)]
    [InlineData("transformer-timm.pt", 8, 8)]
    public void Weights_that_PyTorch_wrote_give_PyTorchs_features_at_any_size(string file, int height, int width)
    {
        using Backbone backbone = Open(file);

        TensorAssert.Close(PyTorchsFeatures(height, width), backbone.Features(Images(height, width)), 1e-5);
        Assert.Equal(["fc.bias", "fc.weight"], backbone.Origin.Ignored);
        Assert.Equal(5, backbone.Head!.weight!.size(0));
    }

    [Fact]
    public void The_gradient_of_an_image_is_that_of_finite_differences()
    {
        using Generator rng = new(4, CPU);
        using VisionTransformer network = new(Small, rng);
        network.to(float64);
        Tensor direction = randn([1, 3, 16, 16], float64, generator: rng);
        Tensor weights = randn([1, Small.Width], float64, generator: rng);
        Tensor image = rand([1, 3, 16, 16], float64, generator: rng).requires_grad_();

        autograd.backward([(network.call(image) * weights).sum()], inputs: [image]);
        double slope = (image.grad! * direction).sum().item<double>();
        using IDisposable frozen = no_grad();
        double measured = (At(1e-5) - At(-1e-5)) / 2e-5;

        Assert.InRange(Math.Abs(slope - measured) / Math.Abs(measured), 0, 1e-6);

        double At(double step) => (network.call(image.detach() + step * direction) * weights).sum().item<double>();
    }

    [Fact]
    public void An_image_does_not_depend_on_its_neighbours_and_folding_changes_nothing()
    {
        using Generator rng = new(4, CPU);
        using VisionTransformer network = new(Small, rng);
        network.eval();
        using VisionTransformer folded = network.Fold();
        Tensor images = TestImages.Uniform(3, 16);

        TensorAssert.Close(network.call(images).narrow(0, 1, 1), network.call(images.narrow(0, 1, 1)), 1e-6);
        TensorAssert.SameBits(network.call(images), folded.call(images));
        Assert.All(folded.parameters(), parameter => Assert.False(parameter.requires_grad));
        Assert.Throws<InvalidOperationException>(folded.Fold);
    }

    [Fact]
    public void The_same_generator_gives_the_same_weights()
    {
        using Generator first = new(4, CPU);
        using Generator second = new(4, CPU);
        using VisionTransformer one = new(Small, first);
        using VisionTransformer other = new(Small, second);

        TensorAssert.SameBits(one.call(TestImages.Uniform(1, 16)), other.call(TestImages.Uniform(1, 16)));
    }

    [Fact]
    public void ViT_B_16_has_torchvisions_names_and_86_million_parameters()
    {
        using Generator rng = new(4, CPU);
        using VisionTransformer network = new(new VisionTransformerOptions(), rng);
        Dictionary<string, Tensor> state = network.state_dict();

        // torchvision's vit_b_16 has 86,567,656, of which 769,000 are its classifier.
        Assert.Equal(86_567_656 - 769_000, network.parameters().Sum(parameter => parameter.numel()));
        Assert.Equal([1L, 197, 768], state["encoder.pos_embedding"].shape);
        Assert.Equal([2304L, 768], state["encoder.layers.encoder_layer_11.self_attention.in_proj_weight"].shape);
        Assert.Equal("ViT-B/16 for 224 px", network.Options.Name);
    }

    [Fact]
    public void Images_that_cannot_be_cut_into_patches_are_refused()
    {
        using Backbone backbone = Open("transformer-timm.pt");

        Assert.Contains("backbone.resizeTo", Assert.Throws<ArgumentException>(() => backbone.Features(Images(18, 16))).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => backbone.FeatureMaps(Images(16, 16)));
        Assert.Throws<ArgumentOutOfRangeException>(() => (BackboneOptions.ImageNetTransformer() with { CropTo = 230 }).Validate());
    }

    [Fact]
    public void Weights_of_another_shape_are_refused_with_the_mismatches()
    {
        ModelFormatException deeper = Assert.Throws<ModelFormatException>(() => Open("transformer-timm.pt", Small with { Depth = 4 }));
        ModelFormatException larger = Assert.Throws<ModelFormatException>(() => Open("transformer-torchvision.pt", Small with { ImageSize = 32 }));
        ModelFormatException other = Assert.Throws<ModelFormatException>(() => Open("resnet18-narrow.pt"));

        Assert.Contains("encoder.layers.encoder_layer_3.ln_1.weight is missing", deeper.Message, StringComparison.Ordinal);
        Assert.Contains("encoder.pos_embedding is [1, 17, 12], expected [1, 65, 12]", larger.Message, StringComparison.Ordinal);
        Assert.Contains("class_token is missing", other.Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, VisionTransformerOptions> Wrong => new()
    {
        { "PatchSize", Small with { PatchSize = 1 } },
        { "ImageSize", Small with { ImageSize = 18 } },
        { "Heads", Small with { Heads = 0 } },
        { "Width", Small with { Width = 13 } },
        { "Depth", Small with { Depth = 0 } },
        { "HiddenWidth", Small with { HiddenWidth = 0 } },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void An_option_outside_its_range_is_named(string name, VisionTransformerOptions options) =>
        Assert.Equal(name, Assert.Throws<ArgumentOutOfRangeException>(options.Validate).ParamName);

    private static Backbone Open(string file, VisionTransformerOptions? options = null)
    {
        using Generator rng = new(1, CPU);
        return BackboneStore.Open(new BackboneOptions { File = PathOf(file), Transformer = options ?? Small }, rng);
    }

    private static string PathOf(string file) => Path.Combine(AppContext.BaseDirectory, "Networks", "Backbones", "Files", file);

    /// <summary>What the script computes its features of.</summary>
    private static Tensor Images(int height, int width) =>
        (arange(2 * 3 * height * width, dtype: ScalarType.Float64).mul(0.37).sin() * 0.5 + 0.5).view(2, 3, height, width).to(ScalarType.Float32);

    private static Tensor PyTorchsFeatures(int height, int width)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(PathOf("transformer.json")));
        double[][] rows = document.RootElement.GetProperty($"{height}x{width}").Deserialize<double[][]>()!;
        return stack([.. rows.Select(row => tensor(row))]);
    }
}
