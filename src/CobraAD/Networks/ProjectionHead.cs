using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CobraAD.Networks;

/// <summary>The projection head G: Linear, ReLU, Linear, with the hidden layer as wide as the features.</summary>
internal sealed class ProjectionHead : nn.Module<Tensor, Tensor>
{
    private readonly Linear hidden;
    private readonly Linear output;

    /// <summary>A head with fresh weights on the CPU: U(-1/√fan_in, 1/√fan_in), weights and biases.</summary>
    /// <param name="featureSize">Length of a feature vector.</param>
    /// <param name="embeddingSize">Length of an embedding.</param>
    /// <param name="rng">CPU generator of the weights.</param>
    public ProjectionHead(int featureSize, int embeddingSize, Generator rng)
        : this(LinearLayer.Create(featureSize, featureSize, rng), LinearLayer.Create(featureSize, embeddingSize, rng))
    {
    }

    private ProjectionHead(Linear hidden, Linear output)
        : base(nameof(ProjectionHead))
    {
        this.hidden = hidden;
        this.output = output;
        register_module("0", hidden);
        register_module("2", output);
    }

    /// <summary>Embeddings of features; the caller disposes them.</summary>
    /// <param name="input">[B, feature size].</param>
    /// <returns>[B, embedding size], not normalised.</returns>
    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        return output.call(hidden.call(input).relu_()).MoveToOuterDisposeScope();
    }

    /// <summary>Its layers; a ReLU stands between them.</summary>
    internal (Linear Hidden, Linear Output) Layers => (hidden, output);

    /// <summary>A frozen head that does what several do, each with its own part of the features.</summary>
    internal static ProjectionHead Joined(IReadOnlyList<ProjectionHead> heads)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        return new ProjectionHead(Joined([.. heads.Select(head => head.hidden)]), Joined([.. heads.Select(head => head.output)]));
    }

    private static Linear Joined(Linear[] layers) =>
        LinearLayer.Of(block_diag([.. layers.Select(layer => layer.weight!)]), cat([.. layers.Select(layer => layer.bias!)]));

    internal ProjectionHead FrozenCopy() => new(LinearLayer.FrozenCopy(hidden), LinearLayer.FrozenCopy(output));
}
