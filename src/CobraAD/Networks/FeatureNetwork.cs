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

    /// <summary>The parameters of the later half; what is trained when the early layers are to stay as they are.</summary>
    internal abstract IEnumerable<(string Name, Parameter Parameter)> LateParameters();
}
