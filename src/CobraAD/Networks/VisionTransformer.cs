using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CobraAD.Networks;

/// <summary>
/// The vision transformer of Dosovitskiy et al. (2021): patches become tokens, a class token and a position embedding are added, pre-norm
/// blocks follow, and the normalised class token is the feature. Weights have the names of torchvision's <c>vit_b_16</c>.
/// </summary>
/// <remarks>
/// Computes 2x - 1 itself. Images of another size than <see cref="VisionTransformerOptions.ImageSize"/> get the position embedding
/// interpolated to their grid (bicubic, corners aligned, as torchvision does).
/// </remarks>
public sealed class VisionTransformer : FeatureNetwork
{
    private readonly TransformerBlock[] blocks;
    private readonly Parameter patchWeight;
    private readonly Parameter patchBias;
    private readonly Parameter classToken;
    private readonly Parameter positions;
    private readonly LayerNorm norm;
    private readonly bool isFrozen;

    /// <summary>A network with fresh weights on the CPU: N(0, 0.02²) for patches, class token and positions, the framework's default elsewhere.</summary>
    /// <param name="options">Shape.</param>
    /// <param name="rng">CPU generator of the weights: the same one gives the same bits.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public VisionTransformer(VisionTransformerOptions options, Generator rng)
        : this(options, rng, isFrozen: false)
    {
    }

    private VisionTransformer(VisionTransformerOptions options, Generator rng, bool isFrozen)
        : base(nameof(VisionTransformer))
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(rng);
        options.Validate();
        Options = options;
        this.isFrozen = isFrozen;
        int side = options.ImageSize / options.PatchSize;
        using (no_grad())
        {
            patchWeight = Small(rng, options.Width, 3, options.PatchSize, options.PatchSize);
            patchBias = new Parameter(zeros(options.Width));
            classToken = Small(rng, 1, 1, options.Width);
            positions = Small(rng, 1, 1 + side * side, options.Width);
        }

        blocks = [.. Enumerable.Range(0, options.Depth).Select(_ => new TransformerBlock(options, rng))];
        norm = nn.LayerNorm(options.Width, TransformerBlock.NormFloor);
        RegisterParts();
    }

    /// <summary>Shape.</summary>
    public VisionTransformerOptions Options { get; }

    /// <inheritdoc/>
    public override int FeatureSize => Options.Width;

    internal override Device Device => classToken.device;

    /// <summary>Features of images; the caller disposes them.</summary>
    /// <param name="input">[B, 3, H, W] in [0, 1]; H and W are multiples of the patches' side.</param>
    /// <returns>The normalised class tokens, [B, <see cref="FeatureSize"/>].</returns>
    /// <exception cref="ArgumentException">The images cannot be cut into patches.</exception>
    public override Tensor forward(Tensor input)
    {
        int patch = Options.PatchSize;
        if (input.size(2) % patch != 0 || input.size(3) % patch != 0)
            throw new ArgumentException($"Images of {input.size(2)} × {input.size(3)} pixels cannot be cut into patches of {patch}. Resize them to a multiple (backbone.resizeTo).", nameof(input));

        using DisposeScope scope = NewDisposeScope();
        Tensor grid = nn.functional.conv2d((input - 0.5) / 0.5, patchWeight, patchBias, strides: [patch, patch]);
        Tensor tokens = cat([classToken.expand(input.size(0), 1, Options.Width), grid.flatten(2).transpose(1, 2)], 1) + PositionsFor(grid.size(2), grid.size(3));
        foreach (TransformerBlock block in blocks) tokens = block.call(tokens);
        return norm.call(tokens.select(1, 0)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override VisionTransformer Fold()
    {
        if (isFrozen) throw new InvalidOperationException("The network is already folded; fold the original.");
        using IDisposable frozen = no_grad();
        using Generator unused = new(0, CPU);
        VisionTransformer copy = new(Options, unused, isFrozen: true);
        copy.to(classToken.dtype).to(Device);
        Dictionary<string, Tensor> own = state_dict();
        foreach ((string name, Tensor value) in copy.state_dict()) value.copy_(own[name]);
        foreach (Parameter parameter in copy.parameters()) parameter.requires_grad = false;
        copy.eval();
        return copy;
    }

    internal override IEnumerable<(string Name, Parameter Parameter)> LateParameters() => blocks.Skip(blocks.Length / 2)
        .SelectMany((block, i) => block.named_parameters().Select(entry => ($"encoder.layers.encoder_layer_{blocks.Length / 2 + i}.{entry.name}", entry.parameter)))
        .Concat(norm.named_parameters().Select(entry => ($"encoder.ln.{entry.name}", entry.parameter)));

    private Tensor PositionsFor(long height, long width)
    {
        int side = Options.ImageSize / Options.PatchSize;
        if (height == side && width == side) return positions;
        Tensor grid = positions.narrow(1, 1, side * side).transpose(1, 2).view(1, Options.Width, side, side);
        Tensor fitted = nn.functional.interpolate(grid, [height, width], mode: InterpolationMode.Bicubic, align_corners: true);
        return cat([positions.narrow(1, 0, 1), fitted.flatten(2).transpose(1, 2)], 1);
    }

    private void RegisterParts()
    {
        NamedPart patches = new("conv_proj");
        patches.register_parameter("weight", patchWeight);
        patches.register_parameter("bias", patchBias);
        register_parameter("class_token", classToken);
        register_module("conv_proj", patches);
        NamedPart layers = new("layers");
        for (int i = 0; i < blocks.Length; i++) layers.register_module($"encoder_layer_{i}", blocks[i]);
        NamedPart encoder = new("encoder");
        encoder.register_parameter("pos_embedding", positions);
        encoder.register_module("layers", layers);
        encoder.register_module("ln", norm);
        register_module("encoder", encoder);
    }

    private static Parameter Small(Generator rng, params long[] shape) => new(empty(shape).normal_(0, 0.02, rng));
}
