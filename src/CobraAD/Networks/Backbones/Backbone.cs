using CobraAD.Networks.Residual;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CobraAD.Networks.Backbones;

/// <summary>A feature network with its preparation of images. Everything from the image to the feature is differentiable.</summary>
internal sealed class Backbone : IDisposable
{
    private readonly Tensor scale;
    private readonly Tensor shift;

    /// <summary>Takes over the network.</summary>
    internal Backbone(FeatureNetwork network, BackboneOptions options, WeightOrigin origin, Linear? head = null)
    {
        Network = network;
        Options = options;
        Origin = origin;
        Head = head;
        network.eval();
        head?.eval();
        // The network itself computes 2x - 1; (x - mean)/deviation in its place is an affine map before it.
        scale = tensor(options.Deviation.Select(deviation => (float)(0.5 / deviation)).ToArray()).view(1, 3, 1, 1).DetachFromDisposeScope();
        shift = tensor(options.Mean.Zip(options.Deviation, (mean, deviation) => (float)(0.5 - 0.5 * mean / deviation)).ToArray()).view(1, 3, 1, 1).DetachFromDisposeScope();
    }

    /// <summary>The network, in evaluation mode; owned by the backbone.</summary>
    public FeatureNetwork Network { get; }

    /// <summary>What it is, and the form of image that it expects.</summary>
    public BackboneOptions Options { get; }

    /// <summary>Where the weights came from.</summary>
    public WeightOrigin Origin { get; }

    /// <summary>Whether the weights are those of a package, unchanged, so that a model may refer to them instead of holding them.</summary>
    internal bool IsAsPackaged { get; set; }

    /// <summary>The classifier that the weights came with, if they did; owned by the backbone.</summary>
    internal Linear? Head { get; }

    /// <summary>Where the weights live and where images must be.</summary>
    public Device Device => Network.Device;

    /// <summary>Length of a feature.</summary>
    public int FeatureSize => Network.FeatureSize;

    /// <summary>Averages of the last map, or a transformer's class token; the caller disposes them.</summary>
    /// <param name="images">[B, 3, H, W] in [0, 1] on <see cref="Device"/>, of any size; for a transformer a multiple of its patches.</param>
    /// <returns>[B, <see cref="FeatureSize"/>].</returns>
    public Tensor Features(Tensor images)
    {
        using Tensor prepared = Prepare(images);
        return Network.call(prepared);
    }

    /// <summary>The maps after the stem and each stage of a residual network; the caller disposes them.</summary>
    /// <param name="images">[B, 3, H, W] in [0, 1] on <see cref="Device"/>, of any size.</param>
    /// <param name="last">The last stage that is wanted; later ones are not computed.</param>
    /// <exception cref="InvalidOperationException">The network is a vision transformer, which has none.</exception>
    public IReadOnlyList<Tensor> FeatureMaps(Tensor images, int last = 4)
    {
        ResNet network = Network as ResNet ?? throw new InvalidOperationException("A vision transformer has no feature maps. Use a residual network (backbone.transformer: null).");
        using Tensor prepared = Prepare(images);
        return network.FeatureMaps(prepared, last);
    }

    /// <summary>What images are multiplied by and what is added, channel by channel, before the network sees them: [1, 3, 1, 1] each; owned by the backbone.</summary>
    internal (Tensor Scale, Tensor Shift) Affine => (scale, shift);

    /// <summary>Moves the weights.</summary>
    internal Backbone To(Device device)
    {
        Network.to(device);
        Head?.to(device);
        return this;
    }

    /// <summary>A frozen copy without batch normalisations for scoring; the caller disposes it.</summary>
    internal Backbone Fold() => new(Network.Fold(), Options, Origin);

    /// <summary>Images in the form and scale that the network expects, for a network that shares it; the caller disposes them.</summary>
    internal Tensor Prepare(Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = images;
        if (Options.ResizeTo is { } side && (x.size(2) != side || x.size(3) != side)) x = nn.functional.interpolate(x, [side, side], mode: InterpolationMode.Bilinear, align_corners: false);
        if (Options.CropTo is { } crop)
        {
            long margin = (x.size(2) - crop) / 2;
            x = x.narrow(2, margin, crop).narrow(3, margin, crop);
        }

        return (x * scale.to(x.dtype).to(x.device) + shift.to(x.dtype).to(x.device)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Network.Dispose();
        Head?.Dispose();
        scale.Dispose();
        shift.Dispose();
    }
}
