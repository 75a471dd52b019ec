using System.Text.Json.Serialization;
using CobraAD.Networks.Residual;
using CobraAD.Networks.Transformer;
using CobraAD.Serialization;
using CobraAD.Serialization.Tensors;
using CobraAD.Validation;
using static TorchSharp.torch;

namespace CobraAD.Networks.Backbones;

/// <summary>A feature network that comes from elsewhere, and how images are brought into its form.</summary>
public sealed record BackboneOptions
{
    /// <summary>
    /// The weights: a safetensors file, a TorchSharp <c>.dat</c>, a PyTorch state dict (<c>.pt</c>, <c>.pth</c>) with torchvision's names, or
    /// an ONNX model, whose graph tells the weights of a residual network where its names do not.
    /// </summary>
    /// <value>Default <see langword="null"/>: those of <see cref="Package"/>, or random ones.</value>
    public string? File { get; init; }

    /// <summary>The weights, when they come in a package; <see cref="Packaged"/> has what goes with them.</summary>
    /// <value>
    /// Default <see langword="null"/>: those of <see cref="File"/>; without either, random weights, a stand-in whose numbers mean little; reports say so.
    /// </value>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PackagedWeights? Package { get; init; }

    /// <summary>The network, when it is a residual one.</summary>
    public ResNetOptions Network { get; init; } = new();

    /// <summary>The network, when it is a vision transformer; <see cref="Network"/> is then not used.</summary>
    /// <value>Default <see langword="null"/>: a residual network.</value>
    public VisionTransformerOptions? Transformer { get; init; }

    /// <summary>The side to which images are resized (bilinear, in the score and so in its gradient) before the crop.</summary>
    /// <value>Default <see langword="null"/>: images stay as they are. 256 for ImageNet weights; from 8 to 1024.</value>
    public int? ResizeTo { get; init; }

    /// <summary>The side of the central crop after <see cref="ResizeTo"/>.</summary>
    /// <value>Default <see langword="null"/>: no crop. 224 for ImageNet weights.</value>
    public int? CropTo { get; init; }

    /// <summary>Mean of each channel that the weights expect.</summary>
    /// <value>Default 0.5; ImageNet's are 0.485, 0.456, 0.406.</value>
    public IReadOnlyList<double> Mean { get; init; } = [0.5, 0.5, 0.5];

    /// <summary>Deviation of each channel that the weights expect.</summary>
    /// <value>Default 0.5; ImageNet's are 0.229, 0.224, 0.225.</value>
    public IReadOnlyList<double> Deviation { get; init; } = [0.5, 0.5, 0.5];

    /// <summary>
    /// The weights of <see cref="ImageNetPackage"/>, their network, and images as they expect them: 224 px, on the scale from 0 to 255, minus
    /// the mean of each channel. (The original subtracts a mean image, which differs from these numbers by up to 13 units.)
    /// </summary>
    public static BackboneOptions Packaged { get; } = new()
    {
        Package = PackagedWeights.ImageNet,
        Network = new ResNetOptions { Variant = ResNetVariant.ResNet20, Stem = ResNetStem.ImageNet },
        ResizeTo = 224,
        // The channels' means of ML.NET's mean image, 123.1516, 115.9029 and 103.0626.
        Mean = [0.482947, 0.454521, 0.404167],
        Deviation = [1 / 255.0, 1 / 255.0, 1 / 255.0],
    };

    /// <summary>The same network and form of images with random weights.</summary>
    public BackboneOptions WithoutWeights() => this with { File = null, Package = null };

    /// <summary>ImageNet's form: 256 px, the middle 224, ImageNet's means and deviations, and the 7 × 7 stem.</summary>
    /// <param name="variant">The network.</param>
    public static BackboneOptions ImageNet(ResNetVariant variant) => new()
    {
        Network = new ResNetOptions { Variant = variant, Stem = ResNetStem.ImageNet },
        ResizeTo = 256,
        CropTo = 224,
        Mean = [0.485, 0.456, 0.406],
        Deviation = [0.229, 0.224, 0.225],
    };

    /// <summary>ImageNet's form for ViT-B/16: 256 px, the middle 224, and mean and deviation as torchvision's weights expect them.</summary>
    public static BackboneOptions ImageNetTransformer() => ImageNet(ResNetVariant.ResNet18) with { Transformer = new VisionTransformerOptions() };

    /// <summary>
    /// What an in-house backbone file (<c>cobra pretrain</c>) needs: its network, and images as they are, or, for a transformer, at the size it
    /// was trained on. A residual network works on larger images too.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ModelFormatException">It is damaged, or was made elsewhere and so does not say what it is.</exception>
    public static BackboneOptions InHouse(string path) => PretrainingRecord.From(Safetensors.ReadMetadata(path), path) is { } record
        // A transformer's images must come out as whole patches; a residual network takes any.
        ? new BackboneOptions { File = path, Network = record.Network, Transformer = record.Transformer, ResizeTo = record.Transformer is null ? null : record.ImageSize }
        : throw new ModelFormatException($"{path}: no in-house backbone: the file does not say which network it is for. Describe it in a configuration file (backbone.file, backbone.network, …).");

    /// <summary>The network's name, e.g. "ResNet152".</summary>
    internal string Architecture => Transformer?.Name ?? Network.Variant.ToString();

    /// <summary>What weights must fit, in words.</summary>
    internal string Shape => Transformer is { } transformer ? transformer.Name : $"{Network.Variant} with the {Network.Stem} stem and width {Network.WidthFactor}";

    /// <summary>The network with random weights, on the CPU; the caller disposes it.</summary>
    internal FeatureNetwork CreateNetwork(Generator rng) => Transformer is { } transformer ? new VisionTransformer(transformer, rng) : new ResNet(Network, rng);

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public void Validate()
    {
        Network.Validate();
        Transformer?.Validate();
        if (Package is not null) RequirePackaged();
        if (Transformer is { } transformer && (CropTo ?? ResizeTo) is { } shown)
            OptionCheck.Require(shown, shown % transformer.PatchSize == 0, $"a multiple of the transformer's patches, {transformer.PatchSize}", nameof(CropTo));
        OptionCheck.Require(ResizeTo, 8, 1024);
        OptionCheck.Require(CropTo, CropTo is null || (CropTo >= 8 && CropTo <= ResizeTo), "between 8 and ResizeTo, which it needs");
        OptionCheck.RequireList(Mean, Mean.Count == 3, "three numbers");
        OptionCheck.RequireList(Deviation, Deviation.Count == 3 && Deviation.All(value => value > 0), "three numbers above 0");
    }

    /// <summary>Packaged weights fit one network and one form of image; shapes alone would not tell.</summary>
    private void RequirePackaged()
    {
        const string Remedy = "that of BackboneOptions.Packaged, which --backbone imagenet sets, with backbone.package";
        OptionCheck.RequireDefined(Package!.Value, nameof(Package));
        OptionCheck.Require(File, File is null, "null where backbone.package names the weights. To use a file instead, set backbone.package to null, and network, resizeTo, cropTo, mean and deviation to what the file was trained with");
        OptionCheck.Require(Transformer, Transformer is null, "null where backbone.package names the weights");
        OptionCheck.Require(Network, Network == Packaged.Network, Remedy);
        OptionCheck.RequireList(Mean, Mean.SequenceEqual(Packaged.Mean), Remedy);
        OptionCheck.RequireList(Deviation, Deviation.SequenceEqual(Packaged.Deviation), Remedy);
    }
}
