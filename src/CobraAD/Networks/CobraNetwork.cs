using CobraAD.Networks.Residual;
using CobraAD.Torch;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CobraAD.Networks;

/// <summary>The network that COBRA trains: encoder F, projection head G and linear classifier H on the encoder's features.</summary>
internal sealed class CobraNetwork : nn.Module<Tensor, CobraOutput>
{
    /// <summary>A network with fresh weights on the CPU.</summary>
    /// <param name="options">Shape.</param>
    /// <param name="rng">CPU generator of the weights: the same one gives the same bits.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public CobraNetwork(CobraNetworkOptions options, Generator rng)
        : base(nameof(CobraNetwork))
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(rng);
        options.Validate();
        Options = options;
        int members = options.Members ?? 1;
        Encoder = new ResNet(options.Encoder, rng, members);
        Projection = new ProjectionHeads(members, Encoder.FeatureSize, options.EmbeddingSize, rng);
        Classifier = LinearLayer.Create(Encoder.FeatureSize, options.Classes, rng);
        RegisterParts();
    }

    private CobraNetwork(CobraNetwork original)
        : base(nameof(CobraNetwork))
    {
        Options = original.Options;
        Encoder = original.Encoder.Fold();
        Projection = original.Projection.FrozenCopy();
        Classifier = LinearLayer.FrozenCopy(original.Classifier);
        BFloat16 = original.BFloat16;
        RegisterParts();
        eval();
    }

    /// <summary>Shape.</summary>
    public CobraNetworkOptions Options { get; }

    /// <summary>F: images to features. Part of this network, which disposes it.</summary>
    public ResNet Encoder { get; }

    /// <summary>G: features to embeddings. Part of this network, which disposes it.</summary>
    public ProjectionHeads Projection { get; }

    /// <summary>H: features to class logits. Part of this network, which disposes it.</summary>
    public Linear Classifier { get; }

    /// <summary>Where the weights live and where images must be.</summary>
    public Device Device => Classifier.weight!.device;

    /// <summary>Whether passes compute in bfloat16 where that is safe; what they give is float32 all the same.</summary>
    internal bool BFloat16 { get; set; }

    /// <summary>Features, embeddings and logits of images from one pass of the encoder; the caller disposes them.</summary>
    /// <param name="input">[B, 3, H, W] in [0, 1] on <see cref="Device"/>.</param>
    public override CobraOutput forward(Tensor input)
    {
        using Tensor map = Stem(input);
        return AboveStem(map);
    }

    /// <summary>The first part of a pass, <see cref="ResNet.Stem"/>; the caller disposes the maps.</summary>
    /// <param name="images">[B, 3, H, W] in [0, 1] on <see cref="Device"/>.</param>
    internal Tensor Stem(Tensor images)
    {
        using AutocastScope? cast = Cast();
        return Encoder.Stem(images);
    }

    /// <summary>The rest of a pass: what <see cref="forward"/> says, given <see cref="Stem"/>; the caller disposes it.</summary>
    /// <param name="map">Unchanged.</param>
    internal CobraOutput AboveStem(Tensor map)
    {
        using AutocastScope? cast = Cast();
        return Heads(Encoder.AboveStem(map));
    }

    /// <summary>The last part of a pass: what <see cref="forward"/> says, given the encoder's features; the caller disposes it.</summary>
    /// <param name="features">[B, feature size], taken over.</param>
    internal CobraOutput Heads(Tensor features)
    {
        using AutocastScope? cast = Cast();
        Tensor embeddings = Projection.call(features), each = Real(MemberLogits(features));
        Tensor logits = Projection.Members == 1 ? each : each.view(each.size(0), Projection.Members, -1).mean([1L]);
        return new CobraOutput(Real(features), Real(embeddings), logits, each);
    }

    /// <summary>
    /// What H says by the features of each encoder alone, one after the other; the mean is what it says by all, because each has its part of H's weights times
    /// the number of encoders. The caller disposes it.
    /// </summary>
    /// <param name="features">[B, feature size of all encoders].</param>
    /// <returns>[B, members · classes].</returns>
    internal Tensor MemberLogits(Tensor features)
    {
        if (Projection.Members == 1) return Classifier.call(features);
        using DisposeScope scope = NewDisposeScope();
        Tensor[] weights = (Classifier.weight! * Projection.Members).chunk(Projection.Members, 1);
        return cat([.. features.chunk(Projection.Members, 1).Zip(weights, (own, weight) => nn.functional.linear(own, weight, Classifier.bias))], 1).MoveToOuterDisposeScope();
    }

    /// <summary>The embeddings f(x) = G(F(x)) alone; the caller disposes them.</summary>
    /// <param name="images">[B, 3, H, W] in [0, 1] on <see cref="Device"/>.</param>
    /// <returns>[B, embedding size], not normalised.</returns>
    public Tensor Embed(Tensor images)
    {
        using AutocastScope? cast = Cast();
        using Tensor features = Encoder.call(images);
        return Real(Projection.call(features));
    }

    /// <summary>
    /// A copy for evaluation and attacks with each batch normalisation absorbed into its convolution: the same outputs up to
    /// rounding, 5-20 % faster. It shares nothing with this network and its parameters need no gradients.
    /// </summary>
    /// <returns>A frozen network of the same type and device; the caller disposes it.</returns>
    /// <exception cref="InvalidOperationException">The network is folded already.</exception>
    public CobraNetwork Fold() => new(this);

    /// <summary>What a forward pass in parts stands in, one for each part; the caller disposes it.</summary>
    internal AutocastScope? Cast() => BFloat16 ? new AutocastScope(Device.type) : null;

    /// <summary>Losses and scores need more than eight bits. Takes the tensor over.</summary>
    private static Tensor Real(Tensor value)
    {
        if (value.dtype != ScalarType.BFloat16) return value;
        using (value) return value.to(ScalarType.Float32);
    }

    private void RegisterParts()
    {
        register_module("encoder", Encoder);
        register_module("projection", Projection);
        register_module("classifier", Classifier);
    }
}
