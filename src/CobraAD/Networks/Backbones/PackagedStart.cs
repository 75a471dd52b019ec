using CobraAD.Networks.Residual;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Networks.Backbones;

/// <summary>Starts an encoder from packaged weights instead of random ones.</summary>
internal static class PackagedStart
{
    /// <summary>
    /// Copies the weights. They expect another scale of images than the 2x - 1 that the encoder computes, u = s (2x - 1) + o for each channel, so the
    /// first convolution's weights take over s, and the mean of its normalisation o. Beyond the image's border, where the convolution sees zeros,
    /// the two differ; training evens that out.
    /// </summary>
    /// <param name="encoder">The network of <see cref="BackboneOptions.Packaged"/>, on the CPU.</param>
    /// <exception cref="Serialization.ModelFormatException">The weights are not there, or their content is another.</exception>
    public static void CopyInto(ResNet encoder)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        using Generator rng = new(0, CPU);
        using Backbone backbone = BackboneStore.Open(BackboneOptions.Packaged, rng);
        Dictionary<string, Tensor> own = encoder.state_dict();
        foreach ((string name, Tensor value) in backbone.Network.state_dict()) own[name].copy_(value);

        (Tensor scale, Tensor shift) = backbone.Affine;
        Tensor weight = own["conv1.weight"];
        own["bn1.running_mean"].sub_((weight * (scale + 2 * shift - 1)).sum([1, 2, 3]));
        weight.mul_(scale);
    }
}
