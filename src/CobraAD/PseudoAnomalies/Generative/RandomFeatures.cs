using CobraAD.Networks.Residual;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.PseudoAnomalies.Generative;

/// <summary>
/// Features by which samples are compared with the normal images: those of a thin ResNet-18 with random weights. No trained network can
/// be assumed for any kind of image, and random ones tell distributions of such images apart (Naeem et al. 2020).
/// </summary>
internal sealed class RandomFeatures : IDisposable
{
    private readonly ResNet network;

    /// <param name="rng">CPU generator of the weights.</param>
    /// <param name="device">Where images are.</param>
    public RandomFeatures(Generator rng, Device device)
    {
        network = new ResNet(new ResNetOptions { Stem = ResNetStem.Strided, WidthFactor = 0.125 }, rng);
        network.to(device);
        network.eval();
    }

    /// <summary>Features of images; the caller disposes them.</summary>
    /// <param name="images">[B, 1 or 3, H, W] in [-1, 1].</param>
    /// <returns>[B, 64].</returns>
    public Tensor Of(Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        return network.call(((images + 1) / 2).expand(-1, 3, -1, -1)).MoveToOuterDisposeScope();
    }

    public void Dispose() => network.Dispose();
}
