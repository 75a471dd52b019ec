using System.Text.Json.Serialization;

namespace CobraAD.Networks.Backbones;

/// <summary>Where a network's weights came from.</summary>
/// <param name="Name">The file's name, or "random weights".</param>
/// <param name="Sha256">SHA-256 (lower-case hex) of the file; <see langword="null"/> for random weights.</param>
/// <param name="Ignored">Tensors of the file that the network has no place for, such as a classifier.</param>
internal sealed record WeightOrigin(string Name, string? Sha256, IReadOnlyList<string> Ignored)
{
    /// <summary>How the weights were trained when they are in-house; <see langword="null"/> for random weights and those from elsewhere.</summary>
    public PretrainingRecord? Pretraining { get; init; }

    /// <summary>The package that they came in; <see langword="null"/> for weights from a file and random ones.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PackagedWeights? Package { get; init; }

    /// <summary>
    /// Whether results certainly differ from published ones because of the weights. Of weights from elsewhere nothing is known: results are
    /// comparable if they are the ones that the method's authors used.
    /// </summary>
    [JsonIgnore]
    public bool IsStandIn => Sha256 is null || Pretraining is not null || Package is not null;

    /// <summary>What reports call a network with these weights, e.g. "ResNet152, resnet152.pth".</summary>
    internal string Describe(BackboneOptions options)
    {
        if (Package is not null) return $"{Name}, SHA-256 {Sha256?[..16]}: another network than the authors', not comparable with published numbers";
        string network = Pretraining?.Description ?? $"{options.Architecture}, {Name}";
        return IsStandIn ? $"{network}: not comparable with published numbers" : network;
    }
}
