using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CobraAD.Networks;

/// <summary>The network that COBRA trains: encoder F, projection head G and linear classifier H on the encoder's features.</summary>
public sealed class CobraNetwork : nn.Module<Tensor, CobraOutput>
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
        Encoder = new ResNet(options.Encoder, rng);
        Projection = new ProjectionHead(Encoder.FeatureSize, options.EmbeddingSize, rng);
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
        RegisterParts();
        eval();
    }

    /// <summary>Shape.</summary>
    public CobraNetworkOptions Options { get; }

    /// <summary>F: images to features. Part of this network, which disposes it.</summary>
    public ResNet Encoder { get; }

    /// <summary>G: features to embeddings. Part of this network, which disposes it.</summary>
    public ProjectionHead Projection { get; }

    /// <summary>H: features to class logits. Part of this network, which disposes it.</summary>
    public Linear Classifier { get; }

    /// <summary>Where the weights live and where images must be.</summary>
    public Device Device => Classifier.weight!.device;

    /// <summary>Features, embeddings and logits of images from one pass of the encoder; the caller disposes them.</summary>
    /// <param name="input">[B, 3, H, W] in [0, 1] on <see cref="Device"/>.</param>
    public override CobraOutput forward(Tensor input)
    {
        Tensor features = Encoder.call(input);
        return new CobraOutput(features, Projection.call(features), Classifier.call(features));
    }

    /// <summary>The embeddings f(x) = G(F(x)) alone; the caller disposes them.</summary>
    /// <param name="images">[B, 3, H, W] in [0, 1] on <see cref="Device"/>.</param>
    /// <returns>[B, embedding size], not normalised.</returns>
    public Tensor Embed(Tensor images)
    {
        using Tensor features = Encoder.call(images);
        return Projection.call(features);
    }

    /// <summary>
    /// A copy for evaluation and attacks with each batch normalisation absorbed into its convolution: the same outputs up to
    /// rounding, 5-20 % faster. It shares nothing with this network and its parameters need no gradients.
    /// </summary>
    /// <returns>A frozen network of the same type and device; the caller disposes it.</returns>
    /// <exception cref="InvalidOperationException">The network is folded already.</exception>
    public CobraNetwork Fold() => new(this);

    private void RegisterParts()
    {
        register_module("encoder", Encoder);
        register_module("projection", Projection);
        register_module("classifier", Classifier);
    }
}
