namespace CobraAD.Networks.Backbones;

/// <summary>A feature network that comes from elsewhere, and how images are brought into its form.</summary>
public sealed record BackboneOptions
{
    /// <summary>
    /// The weights: a safetensors file, a TorchSharp <c>.dat</c>, or a PyTorch state dict (<c>.pt</c>, <c>.pth</c>) with torchvision's
    /// names.
    /// </summary>
    /// <value>Default <see langword="null"/>: random weights, a stand-in whose numbers mean little; reports say so.</value>
    public string? File { get; init; }

    /// <summary>The network.</summary>
    public ResNetOptions Network { get; init; } = new();

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

    /// <summary>What reports call it, e.g. "ResNet152, random weights".</summary>
    internal string Description => $"{Network.Variant}, {(File is null ? "random weights" : Path.GetFileName(File))}";

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public void Validate()
    {
        Network.Validate();
        if (ResizeTo is < 8 or > 1024) throw new ArgumentOutOfRangeException(nameof(ResizeTo), ResizeTo, "ResizeTo must be between 8 and 1024.");
        if (CropTo is { } crop && (ResizeTo is not { } side || crop < 8 || crop > side))
            throw new ArgumentOutOfRangeException(nameof(CropTo), CropTo, "CropTo needs ResizeTo and must be between 8 and it.");
        if (Mean.Count != 3) throw new ArgumentOutOfRangeException(nameof(Mean), Mean.Count, "Mean must have three numbers.");
        if (Deviation.Count != 3 || Deviation.Any(value => !(value > 0))) throw new ArgumentOutOfRangeException(nameof(Deviation), Deviation.Count, "Deviation must have three numbers above 0.");
    }
}
