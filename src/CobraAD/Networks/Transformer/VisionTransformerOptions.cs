using CobraAD.Validation;

namespace CobraAD.Networks.Transformer;

/// <summary>Shape of a vision transformer (Dosovitskiy et al., 2021); the defaults are ViT-B/16's.</summary>
public sealed record VisionTransformerOptions
{
    /// <summary>Side in pixels of the square patches into which an image is cut.</summary>
    /// <value>Default 16; from 2 to 64.</value>
    public int PatchSize { get; init; } = 16;

    /// <summary>Side in pixels of the images that the position embedding was made for; other images get an interpolated one.</summary>
    /// <value>Default 224; a multiple of <see cref="PatchSize"/>, at most 1024.</value>
    public int ImageSize { get; init; } = 224;

    /// <summary>Length of a token, and so of a feature.</summary>
    /// <value>Default 768; from 2 to 4096, a multiple of <see cref="Heads"/>.</value>
    public int Width { get; init; } = 768;

    /// <summary>Number of blocks.</summary>
    /// <value>Default 12; from 1 to 64.</value>
    public int Depth { get; init; } = 12;

    /// <summary>Heads of each attention.</summary>
    /// <value>Default 12; from 1 to 64.</value>
    public int Heads { get; init; } = 12;

    /// <summary>Width inside the perceptron of each block.</summary>
    /// <value>Default 3072; from 1 to 16384.</value>
    public int HiddenWidth { get; init; } = 3072;

    /// <summary>Patches along a side of the images that the position embedding was made for.</summary>
    internal int GridSide => ImageSize / PatchSize;

    /// <summary>E.g. "ViT-B/16", or its numbers for another shape.</summary>
    internal string Name => this with { ImageSize = 224 } == new VisionTransformerOptions()
        ? $"ViT-B/16 for {ImageSize} px"
        : $"ViT of {Depth} blocks, width {Width}, {Heads} heads, hidden width {HiddenWidth}, patches of {PatchSize} px, for {ImageSize} px";

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public void Validate()
    {
        OptionCheck.Require(PatchSize, 2, 64);
        OptionCheck.Require(ImageSize, ImageSize >= PatchSize && ImageSize <= 1024 && ImageSize % PatchSize == 0, $"a multiple of the patches, {PatchSize}, and at most 1024");
        OptionCheck.Require(Heads, 1, 64);
        OptionCheck.Require(Width, Width is >= 2 and <= 4096 && Width % Heads == 0, $"between 2 and 4096 and a multiple of the {Heads} heads");
        OptionCheck.Require(Depth, 1, 64);
        OptionCheck.Require(HiddenWidth, 1, 16384);
    }
}
