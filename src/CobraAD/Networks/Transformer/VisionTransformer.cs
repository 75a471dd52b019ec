using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace CobraAD.Networks.Transformer;

/// <summary>
/// The vision transformer of Dosovitskiy et al. (2021): patches become tokens, a class token and a position embedding are added, pre-norm
/// blocks follow, and the normalised class token is the feature. Weights have the names of torchvision's <c>vit_b_16</c>.
/// </summary>
/// <remarks>
/// Computes 2x - 1 itself. Images of another size than <see cref="VisionTransformerOptions.ImageSize"/> get the position embedding
/// interpolated to their grid (bicubic, corners aligned, as torchvision does).
/// </remarks>
internal sealed class VisionTransformer : FeatureNetwork
{
    /// <summary>Deviation of the initial patch weights, class token and positions.</summary>
    internal const double InitialDeviation = 0.02;

    [ComponentName(Name = "class_token")]
    private readonly Parameter classToken;

    [ComponentName(Name = "conv_proj")]
    private readonly PatchProjection patches;

    [ComponentName(Name = "encoder")]
    private readonly TransformerEncoder encoder;

    private bool isFolded;

    /// <summary>A network with fresh weights on the CPU: N(0, 0.02²) for patches, class token and positions, the framework's default elsewhere.</summary>
    /// <param name="options">Shape.</param>
    /// <param name="rng">CPU generator of the weights: the same one gives the same bits.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public VisionTransformer(VisionTransformerOptions options, Generator rng)
        : base(nameof(VisionTransformer))
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(rng);
        options.Validate();
        Options = options;
        patches = new PatchProjection(options.Width, options.PatchSize, rng);
        using (no_grad()) classToken = new Parameter(empty(1, 1, options.Width).normal_(0, InitialDeviation, rng));
        encoder = new TransformerEncoder(options, rng);
        RegisterComponents();
    }

    /// <summary>Shape.</summary>
    public VisionTransformerOptions Options { get; }

    /// <inheritdoc/>
    public override int FeatureSize => Options.Width;

    internal override Device Device => classToken.device;

    internal override IReadOnlyList<nn.Module<Tensor, Tensor>> Chain => encoder.Blocks;

    /// <summary>What makes tokens of patches; owned by the network.</summary>
    internal PatchProjection Patches => patches;

    /// <summary>What happens to the tokens; owned by the network.</summary>
    internal TransformerEncoder Encoder => encoder;

    /// <summary>Features of images; the caller disposes them.</summary>
    /// <param name="input">[B, 3, H, W] in [0, 1]; H and W are multiples of the patches' side.</param>
    /// <returns>The normalised class tokens, [B, <see cref="FeatureSize"/>].</returns>
    /// <exception cref="ArgumentException">The images cannot be cut into patches.</exception>
    public override Tensor forward(Tensor input)
    {
        using Tensor tokens = Enter(input);
        return encoder.call(tokens);
    }

    /// <inheritdoc/>
    public override VisionTransformer Fold()
    {
        if (isFolded) throw new InvalidOperationException("The network is already folded; fold the original.");
        using IDisposable frozen = no_grad();
        using Generator unused = new(0, CPU);
        VisionTransformer copy = new(Options, unused) { isFolded = true };
        copy.to(classToken.dtype).to(Device);
        Dictionary<string, Tensor> own = state_dict();
        foreach ((string name, Tensor value) in copy.state_dict()) value.copy_(own[name]);
        foreach (Parameter parameter in copy.parameters()) parameter.requires_grad = false;
        copy.eval();
        return copy;
    }

    internal override Tensor Enter(Tensor images)
    {
        int patch = Options.PatchSize;
        if (images.size(2) % patch != 0 || images.size(3) % patch != 0)
            throw new ArgumentException($"Images of {images.size(2)} × {images.size(3)} pixels cannot be cut into patches of {patch}. Resize them to a multiple (backbone.resizeTo).", nameof(images));

        using DisposeScope scope = NewDisposeScope();
        Tensor grid = patches.call((images - 0.5) / 0.5);
        Tensor tokens = cat([classToken.expand(images.size(0), 1, Options.Width), grid.flatten(2).transpose(1, 2)], 1);
        return (tokens + PositionsFor(grid.size(2), grid.size(3))).MoveToOuterDisposeScope();
    }

    /// <summary>What is added to the tokens of a grid of patches, the class token among it: [1 + height · width, width]; the caller disposes it.</summary>
    internal Tensor Start(long height, long width)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor positions = PositionsFor(height, width).squeeze(0);
        return cat([positions.narrow(0, 0, 1) + classToken.squeeze(0), positions.narrow(0, 1, height * width)]).MoveToOuterDisposeScope();
    }

    internal override Tensor Leave(Tensor output) => encoder.ClassTokens(output);

    internal override TransformerBlock FreshBlock(int index, Generator rng) => new(Options, rng);

    internal override IEnumerable<(string Name, Parameter Parameter)> LateParameters() => named_parameters().Where(entry =>
        entry.name.StartsWith("encoder.ln.", StringComparison.Ordinal)
        || Enumerable.Range(Options.Depth / 2, Options.Depth - Options.Depth / 2).Any(block => entry.name.StartsWith($"encoder.layers.encoder_layer_{block}.", StringComparison.Ordinal)));

    private Tensor PositionsFor(long height, long width)
    {
        Parameter positions = encoder.Positions;
        long side = Options.GridSide;
        if (height == side && width == side) return positions;
        Tensor grid = positions.narrow(1, 1, side * side).transpose(1, 2).reshape(1, Options.Width, side, side);
        Tensor fitted = nn.functional.interpolate(grid, [height, width], mode: InterpolationMode.Bicubic, align_corners: true);
        return cat([positions.narrow(1, 0, 1), fitted.flatten(2).transpose(1, 2)], 1);
    }
}
