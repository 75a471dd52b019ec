using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CobraAD.Networks.Residual;

/// <summary>
/// The encoder F: images to a feature vector. Weights have torchvision's names (conv1, bn1, layer1.0.conv1, …,
/// layer2.0.downsample.0), so that weights made elsewhere load.
/// </summary>
/// <remarks>
/// Normalises (x - 0.5)/0.5 itself and averages over the last map, whatever its size; any image size works. Several networks side by side are one
/// whose convolutions are grouped: they see the same image and nothing of each other, and the features of one follow those of the other.
/// </remarks>
internal sealed class ResNet : FeatureNetwork
{
    /// <summary>
    /// Held for good: TorchSharp does not keep the number that it makes of "x / 0.5" alive during the call, and a collection at that moment, on a thread beside
    /// it, frees it under libtorch's hands. Every pass of every network begins here.
    /// </summary>
    private static readonly Scalar Half = 0.5;

    private readonly ConvolutionUnit stem;
    private readonly ResidualBlock[][] stages;
    private readonly int members;

    /// <summary>A network with fresh weights on the CPU.</summary>
    /// <param name="options">Shape.</param>
    /// <param name="rng">
    /// CPU generator of the weights: the same one gives the same bits. The <see cref="ResNetStem.ImageNet"/> stem goes with normal
    /// weights of variance 2/fan_out, the others with the framework's uniform default.
    /// </param>
    /// <param name="members">How many such networks stand side by side; 1 is an ordinary network.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public ResNet(ResNetOptions options, Generator rng, int members = 1)
        : this(options, members, folded: false)
    {
        ArgumentNullException.ThrowIfNull(rng);
        using IDisposable frozen = no_grad();
        foreach (ConvolutionUnit unit in Units) Initialize(unit, options.Stem, rng);
    }

    /// <param name="options">Shape of each member.</param>
    /// <param name="members">Networks side by side.</param>
    /// <param name="folded">Whether it has no batch normalisations.</param>
    /// <param name="kept">How many of the stages it has, from the first.</param>
    private ResNet(ResNetOptions options, int members, bool folded, int kept = 4)
        : base(nameof(ResNet))
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        Options = options;
        this.members = members;
        (int[] blocks, int innerFactor) = Layout(options.Variant);
        blocks = blocks[..kept];

        ConvolutionForm form = new(folded, ChannelsLast: options.Stem == ResNetStem.ImageNet, members);
        (int kernel, int stemStride) = options.Stem switch { ResNetStem.Cifar => (3, 1), ResNetStem.Strided => (3, 2), _ => (7, 2) };
        // All members look at the same three channels.
        int first = members * options.BaseWidth;
        stem = ConvolutionUnit.Create(3, first, kernel, stemStride, form with { Groups = 1 });
        register_module("conv1", stem.Convolution);
        if (stem.Normalization is { } norm) register_module("bn1", norm);

        stages = new ResidualBlock[blocks.Length][];
        int inputs = first;
        for (int stage = 0; stage < blocks.Length; stage++)
        {
            int width = first << stage;
            stages[stage] = new ResidualBlock[blocks[stage]];
            for (int block = 0; block < blocks[stage]; block++)
            {
                int stride = stage > 0 && block == 0 ? 2 : 1;
                stages[stage][block] = innerFactor == 0
                    ? ResidualBlock.Basic(inputs, width, stride, form)
                    : ResidualBlock.Bottleneck(inputs, innerFactor * width, 4 * width, stride, form);
                inputs = innerFactor == 0 ? width : 4 * width;
            }

            register_module($"layer{stage + 1}", nn.Sequential(stages[stage]));
        }

        FeatureSize = inputs;
        Chain = [.. Blocks];
    }

    /// <summary>Shape.</summary>
    public ResNetOptions Options { get; }

    /// <inheritdoc/>
    /// <remarks>512 for ResNet-18 at full width, of each member.</remarks>
    public override int FeatureSize { get; }

    internal override Device Device => stem.Convolution.weight.device;

    internal override IReadOnlyList<nn.Module<Tensor, Tensor>> Chain { get; }

    /// <summary>The first convolution.</summary>
    internal ConvolutionUnit First => stem;

    /// <summary>Every block, from fine to coarse.</summary>
    internal IEnumerable<ResidualBlock> Blocks => stages.SelectMany(stage => stage);

    /// <summary>The blocks of each stage.</summary>
    internal IReadOnlyList<IReadOnlyList<ResidualBlock>> Stages => stages;

    private IEnumerable<ConvolutionUnit> Units => stages.SelectMany(stage => stage).SelectMany(block => block.Units).Prepend(stem);

    /// <summary>Features of images; the caller disposes them.</summary>
    /// <param name="input">[B, 3, H, W] in [0, 1].</param>
    /// <returns>[B, <see cref="FeatureSize"/>].</returns>
    public override Tensor forward(Tensor input)
    {
        using Tensor map = Stem(input);
        return AboveStem(map);
    }

    /// <summary>The maps after the stem and after each stage; the caller disposes them.</summary>
    /// <param name="images">[B, 3, H, W] in [0, 1].</param>
    /// <param name="last">The last stage that is wanted; later ones are not computed.</param>
    /// <returns>One tensor [B, channels, height, width] more than there are stages up to that, from fine to coarse.</returns>
    public IReadOnlyList<Tensor> FeatureMaps(Tensor images, int last = 4)
    {
        List<Tensor> maps = [Stem(images)];
        foreach (ResidualBlock[] stage in stages.Take(last))
        {
            using DisposeScope scope = NewDisposeScope();
            maps.Add(stage.Aggregate(maps[^1], (map, block) => block.call(map)).MoveToOuterDisposeScope());
        }

        return maps;
    }

    /// <summary>
    /// A copy for evaluation with each batch normalisation absorbed into its convolution: the same features up to rounding, 5-20 %
    /// faster. It shares nothing with this network and needs no gradients of its own.
    /// </summary>
    /// <returns>A frozen network of the same type and device; the caller disposes it.</returns>
    /// <exception cref="InvalidOperationException">The network is folded already.</exception>
    public override ResNet Fold()
    {
        using IDisposable frozen = no_grad();
        ResNet folded = new(Options, members, folded: true, stages.Length);
        folded.to(stem.Convolution.weight.dtype).to(stem.Convolution.weight.device);
        foreach ((ConvolutionUnit source, ConvolutionUnit target) in Units.Zip(folded.Units)) source.FoldInto(target);
        foreach (Parameter parameter in folded.parameters()) parameter.requires_grad = false;
        folded.eval();
        return folded;
    }

    /// <summary>
    /// A copy of the stem and the first stages that can be trained; its feature is the mean of the last of their maps. It shares nothing
    /// with this network and is in evaluation mode; the caller disposes it.
    /// </summary>
    /// <param name="count">How many stages, from 1 to those that there are.</param>
    /// <exception cref="InvalidOperationException">The network is folded.</exception>
    internal ResNet FirstStages(int count)
    {
        if (stem.Normalization is null) throw new InvalidOperationException("A folded network cannot be trained; copy the original.");
        ResNet copy = new(Options, members, folded: false, count);
        copy.to(stem.Convolution.weight.dtype).to(Device);
        using IDisposable frozen = no_grad();
        Dictionary<string, Tensor> own = state_dict();
        foreach ((string name, Tensor value) in copy.state_dict()) value.copy_(own[name]);
        copy.eval();
        return copy;
    }

    internal override Tensor Enter(Tensor images) => Stem(images);

    internal override Tensor Leave(Tensor output) => output.mean([2, 3]);

    internal override ResidualBlock FreshBlock(int index, Generator rng)
    {
        IReadOnlyList<ConvolutionUnit> path = Blocks.ElementAt(index).Path;
        (int inputs, int outputs) = ((int)path[0].Convolution.in_channels, (int)path[^1].Convolution.out_channels);
        int stride = (int)path.Max(unit => unit.Convolution.stride[0]);
        ConvolutionForm form = new(Folded: false, ChannelsLast: Options.Stem == ResNetStem.ImageNet);
        ResidualBlock block = path.Count == 2
            ? ResidualBlock.Basic(inputs, outputs, stride, form)
            : ResidualBlock.Bottleneck(inputs, (int)path[0].Convolution.out_channels, outputs, stride, form);
        using IDisposable frozen = no_grad();
        foreach (ConvolutionUnit unit in block.Units) Initialize(unit, Options.Stem, rng);
        return block;
    }

    internal override IEnumerable<(string Name, Parameter Parameter)> LateParameters() => named_parameters()
        .Where(entry => entry.name.StartsWith("layer3.", StringComparison.Ordinal) || entry.name.StartsWith("layer4.", StringComparison.Ordinal));

    /// <summary>Every convolution with torchvision's names of it and of its normalisation, as a forward pass meets them; the shortcut of a block comes last.</summary>
    internal IEnumerable<(string Convolution, string Normalization, ConvolutionUnit Unit)> NamedUnits()
    {
        yield return ("conv1", "bn1", stem);
        for (int stage = 0; stage < stages.Length; stage++)
        {
            for (int block = 0; block < stages[stage].Length; block++)
            {
                string name = $"layer{stage + 1}.{block}.";
                ResidualBlock residual = stages[stage][block];
                for (int i = 0; i < residual.Path.Count; i++) yield return ($"{name}conv{i + 1}", $"{name}bn{i + 1}", residual.Path[i]);
                if (residual.Projection is { } projection) yield return ($"{name}downsample.0", $"{name}downsample.1", projection);
            }
        }
    }

    /// <summary>The stem and every block: a pass is one after the other, and the mean over the last map.</summary>
    internal IReadOnlyList<ResNetSegment> Segments()
    {
        ResNetSegment first = new([[stem]]) { Preparation = Centred, Pooling = Options.Stem == ResNetStem.ImageNet ? Pooled : null };
        return [first, .. Blocks.Select(block => new ResNetSegment([block.Path, block.Projection is { } projection ? [projection] : []]))];
    }

    /// <summary>Numbers of one image in every segment, from fine to coarse.</summary>
    internal IReadOnlyList<SegmentSize> SegmentSizes(int height, int width)
    {
        List<SegmentSize> sizes = [];
        foreach (ResNetSegment segment in Segments())
        {
            (SegmentSize values, height, width) = segment.Size(height, width);
            sizes.Add(values);
        }

        return sizes;
    }

    /// <summary>Numbers in all maps that convolutions make of one image.</summary>
    internal long MapValues(int height, int width) => SegmentSizes(height, width).Sum(segment => segment.Maps.Sum(branch => branch.Sum()));

    /// <summary>The maps after the first convolution, normalisation, ReLU and pooling; the caller disposes them.</summary>
    /// <param name="images">[B, 3, H, W] in [0, 1].</param>
    internal Tensor Stem(Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor map = stem.Apply(Centred(images)).relu_();
        if (Options.Stem == ResNetStem.ImageNet) map = Pooled(map);
        return map.MoveToOuterDisposeScope();
    }

    /// <summary>Features of what <see cref="Stem"/> makes of images; the caller disposes them.</summary>
    /// <param name="map">[B, channels, height, width]; unchanged.</param>
    /// <returns>[B, <see cref="FeatureSize"/>].</returns>
    internal Tensor AboveStem(Tensor map)
    {
        using DisposeScope scope = NewDisposeScope();
        foreach (ResidualBlock block in stages.SelectMany(stage => stage)) map = block.call(map);
        return map.mean([2, 3]).MoveToOuterDisposeScope();
    }

    private static void Initialize(ConvolutionUnit unit, ResNetStem stem, Generator rng)
    {
        if (stem == ResNetStem.ImageNet) unit.InitializeKaiming(rng);
        else unit.InitializeUniform(rng);
    }

    private static Tensor Centred(Tensor images) => (images - Half) / Half;

    private static Tensor Pooled(Tensor map) => nn.functional.max_pool2d(map, 3, 2, 1);

    /// <summary>Blocks of each stage, and the width inside a bottleneck relative to its stage (0: basic blocks).</summary>
    private static (int[] Blocks, int InnerFactor) Layout(ResNetVariant variant) => variant switch
    {
        ResNetVariant.ResNet18 => ([2, 2, 2, 2], 0),
        ResNetVariant.ResNet20 => ([2, 2, 2, 3], 0),
        ResNetVariant.ResNet34 => ([3, 4, 6, 3], 0),
        ResNetVariant.ResNet50 => ([3, 4, 6, 3], 1),
        ResNetVariant.ResNet101 => ([3, 4, 23, 3], 1),
        ResNetVariant.ResNet152 => ([3, 8, 36, 3], 1),
        _ => ([3, 4, 6, 3], 2),
    };
}
