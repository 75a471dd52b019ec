using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CobraAD.Networks;

/// <summary>A network that makes a feature vector of an image: what a backbone is.</summary>
/// <remarks>Images come in [0, 1]; the network itself computes 2x - 1.</remarks>
internal abstract class FeatureNetwork : nn.Module<Tensor, Tensor>
{
    private protected FeatureNetwork(string name)
        : base(name)
    {
    }

    /// <summary>Length of the feature vector.</summary>
    public abstract int FeatureSize { get; }

    /// <summary>Where the weights live and where images must be.</summary>
    internal abstract Device Device { get; }

    /// <summary>
    /// A frozen copy in evaluation mode, made for speed: the same features up to rounding. It shares nothing with this network; the caller
    /// disposes it.
    /// </summary>
    /// <exception cref="InvalidOperationException">The network is such a copy already.</exception>
    public abstract FeatureNetwork Fold();

    /// <summary>The blocks that a pass goes through one after the other, between <see cref="Enter"/> and <see cref="Leave"/>; owned by the network.</summary>
    internal abstract IReadOnlyList<nn.Module<Tensor, Tensor>> Chain { get; }

    /// <summary>What the first block gets of images; the caller disposes it.</summary>
    /// <param name="images">[B, 3, H, W] in [0, 1].</param>
    internal abstract Tensor Enter(Tensor images);

    /// <summary>The feature [B, <see cref="FeatureSize"/>] of the last block's output; the caller disposes it.</summary>
    internal abstract Tensor Leave(Tensor output);

    /// <summary>A block of the shape of one of <see cref="Chain"/>, with fresh weights, on the CPU; the caller disposes it.</summary>
    /// <param name="index">Which block; the network is not folded.</param>
    /// <param name="rng">CPU generator of the weights.</param>
    internal abstract nn.Module<Tensor, Tensor> FreshBlock(int index, Generator rng);

    /// <summary>The parameters of the later half; what is trained when the early layers are to stay as they are.</summary>
    internal abstract IEnumerable<(string Name, Parameter Parameter)> LateParameters();
}
